using System.Text;
using System.Text.Json.Nodes;
using X86Pae.Timing;

namespace X86Pae.Tests.Timing;

// What a file that is no model at all is told: path, mistake and line in the terms of the file.
public sealed class CpuModelDiagnosisTests
{
    private const string Indented = """
        {
          "name": "mine",
          "description": "x",
          "l1": { "sizeInKiB": 32, "ways": 8,
            "loadToUse": { "value": 3 } }
        }
        """;

    private static readonly string[] ForeignWords =
        ["X86Pae", "System", "JSON value", "token", ".NET", "could not", "Path:", "$", "LineNumber", "Exception", "not a CPU model"];

    [Theory]
    [InlineData("l4", "1", "unknown member 'l4' (line 1)")]
    [InlineData("Name", "\"x\"", "unknown member 'Name' (line 1)")]
    [InlineData("lastLevelCache", "null", "unknown member 'lastLevelCache' (line 1)")]
    [InlineData("tlbArrays", "null", "unknown member 'tlbArrays' (line 1)")]
    [InlineData("tlbs.data8K", "null", "tlbs: unknown member 'data8K' (line 1)")]
    [InlineData("dram.unit", "\"ns\"", "dram: unknown member 'unit' (line 1)")]
    [InlineData("tlbs.data4K.sets", "4", "tlbs.data4K: unknown member 'sets' (line 1)")]
    [InlineData("l1.lineSize", "4", "l1: unknown member 'lineSize' (line 1)")]
    [InlineData("tolerance.all", "4", "tolerance: unknown member 'all' (line 1)")]
    [InlineData("frequencyInMHz", "\"2000\"", "frequencyInMHz: is \"2000\", not a number (line 1)")]
    [InlineData("frequencyInMHz", "2000.5", "frequencyInMHz: is 2000.5, not a 32-bit integer in plain digits (line 1)")]
    [InlineData("frequencyInMHz", "2e3", "frequencyInMHz: is 2e3, not a 32-bit integer in plain digits (line 1)")]
    [InlineData("frequencyInMHz", "null", "frequencyInMHz: is null, not a number (line 1)")]
    [InlineData("name", "1", "name: is 1, not text (line 1)")]
    [InlineData("name", "null", "name: is null, not text (line 1)")]
    [InlineData("dram", "235", "dram: is 235, not an object (line 1)")]
    [InlineData("dram", "null", "dram: is null, not an object (line 1)")]
    [InlineData("dram.value", "99999999999", "dram.value: is 99999999999, not a 32-bit integer in plain digits (line 1)")]
    [InlineData("l1.sizeInKiB", "true", "l1.sizeInKiB: is true, not a number (line 1)")]
    [InlineData("l1.loadToUse", "null", "l1.loadToUse: is null, not an object (line 1)")]
    [InlineData("tlbs.data4K", "[]", "tlbs.data4K: is an array, not an object (line 1)")]
    [InlineData("tlbs.secondIsUnified", "1", "tlbs.secondIsUnified: is 1, not true or false (line 1)")]
    [InlineData("walksBypassL1", "\"yes\"", "walksBypassL1: is \"yes\", not true or false (line 1)")]
    [InlineData("walksBypassL1", "{}", "walksBypassL1: is an object, not true or false (line 1)")]
    [InlineData("dram.confidence", "\"certain\"", "dram.confidence: is \"certain\", not one of found, derived, recalled, estimated (line 1)")]
    [InlineData("dram.confidence", "1", "dram.confidence: is 1, not one of found, derived, recalled, estimated (line 1)")]
    [InlineData("dram.confidence", "\"1\"", "dram.confidence: is \"1\", not one of found, derived, recalled, estimated (line 1)")]
    [InlineData("tlbs.data4K.replacement", "\"mru\"", "tlbs.data4K.replacement: is \"mru\", not one of treePlru, ")]
    [InlineData("tlbs.data4K.replacement", "99", "tlbs.data4K.replacement: is 99, not one of treePlru, ")]
    [InlineData("tlbs.data4K.replacement", "\"lru, fifo\"", "tlbs.data4K.replacement: is \"lru, fifo\", not one of treePlru, ")]
    [InlineData("tlbs.data4K.index", "\"hash\"", "tlbs.data4K.index: is \"hash\", not one of linear, xor (line 1)")]
    [InlineData("tlbs.data4K.index", "7", "tlbs.data4K.index: is 7, not one of linear, xor (line 1)")]
    [InlineData("tlbs.data4K.siblings", "\"shared\"", "tlbs.data4K.siblings: is \"shared\", not an object (line 1)")]
    [InlineData("tlbs.data4K.siblings", "{ \"mode\": \"shared\" }", "tlbs.data4K.siblings: lacks 'confidence', 'source' (line 1)")]
    [InlineData("threadsPerCore", "2", "threadsPerCore: is 2, not an object (line 1)")]
    public void Parse_UnknownMemberOrWrongType_SaysWhatIsThereAndWhatShouldBe(string path, string value, string message) =>
        Assert.StartsWith(message, ModelJson.Refusal(ModelJson.With("core2-conroe", path, value)), StringComparison.Ordinal);

    [Theory]
    [InlineData("", "is empty")]
    [InlineData(" \n", "is empty")]
    [InlineData("null", "is null, not an object (line 1)")]
    [InlineData("\n[]", "is an array, not an object (line 2)")]
    [InlineData("{", "is not JSON: ends too early (line 1)")]
    [InlineData("{\n\"name\":\n", "is not JSON: ends too early (line 3)")]
    [InlineData("// a model\n", "is not JSON: ends too early (line 2)")]
    [InlineData("{ \"name\": \"mi\nne\" }", "is not JSON: unexpected end of line in column 14 (line 1)")]
    [InlineData("{\n  \"name\" \"mine\" }", "is not JSON: unexpected '\"' in column 10 (line 2)")]
    [InlineData("{ 'name': 1 }", "is not JSON: unexpected ''' in column 3 (line 1)")]
    [InlineData("{ \"name\": \"\u00FC\", \u20AC }", "is not JSON: unexpected '\u20AC' in column 16 (line 1)")]
    [InlineData("{ \"name\":\u0001 }", "is not JSON: unexpected U+0001 in column 10 (line 1)")]
    [InlineData("{ \"name\": \"mine\", }", "is not JSON: unexpected '}' in column 19 (line 1)")]
    [InlineData("{ \"name\": [[ }", "name: is an array, not text (line 1)")]
    [InlineData("{ \"name\": \"\\uD800\" }", "name: is \"\\uD800\", not text (line 1)")]
    [InlineData("{ \"n\\uD800\": 1 }", "unknown member 'n\\uD800' (line 1)")]
    [InlineData("{ \"name\": \"a\",\n\"name\": \"b\" }", "member 'name' is there twice (line 2)")]
    [InlineData("{ \"a234567890123456789012345678901234567890123\": 1 }", "unknown member 'a234567890123456789012345678901234567890...' (line 1)")]
    public void Parse_WhatIsNoModel_SaysSo(string text, string message) => Assert.Equal(message, ModelJson.Refusal(text));

    [Theory]
    [InlineData("\"ways\": 8,", "\"ways\": 8.5,", "l1.ways: is 8.5, not a 32-bit integer in plain digits (line 4)")]
    [InlineData("\"ways\": 8,", "", "l1.loadToUse: lacks 'confidence', 'source' (line 5)")]
    [InlineData("\"loadToUse\": { \"value\": 3 } }", "\"ways\": 8 }", "l1: member 'ways' is there twice (line 5)")]
    [InlineData(", \"ways\": 8,\n    \"loadToUse\": { \"value\": 3 } }", "\n}", "l1: lacks 'ways', 'loadToUse' (line 4)")]
    [InlineData("\"value\": 3", "\"value\" 3", "is not JSON: unexpected '3' in column 28 (line 5)")]
    public void Parse_IndentedFile_NamesTheLine(string old, string changed, string message)
    {
        string text = Indented.ReplaceLineEndings("\n");
        Assert.Contains(old, text, StringComparison.Ordinal);

        Assert.Equal(message, ModelJson.Refusal(text.Replace(old, changed, StringComparison.Ordinal)));
    }

    [Theory]
    [InlineData("{}", "is not JSON: unexpected '{' in column ")]
    [InlineData("]", "is not JSON: unexpected ']' in column ")]
    public void Parse_MoreAfterTheModel_IsRefused(string more, string message) =>
        Assert.StartsWith(message, ModelJson.Refusal(ModelJson.Of("core-duo").ToJsonString() + more), StringComparison.Ordinal);

    [Fact]
    public void Parse_CommentsAndByteOrderMark_AreAllowed()
    {
        string text = "\uFEFF// mine\n" + ModelJson.Of("core-duo").ToJsonString() + "/* end */";

        Assert.Equal(CpuModels.CoreDuo, ModelJson.Parse(text));
    }

    [Fact]
    public void Parse_OtherEncoding_IsRefused() => Assert.Equal(
        "is not UTF-8 text", Refusal(Encoding.Unicode.GetPreamble().Concat(Encoding.Unicode.GetBytes("{}"))));

    [Theory]
    [InlineData(1 << 20, "is not JSON: ")]
    [InlineData((1 << 20) + 1, "is longer than the 1048576 bytes that a CPU model may have")]
    public void Parse_LongFile_IsNotReadWithoutEnd(int length, string message) =>
        Assert.StartsWith(message, Refusal(Enumerable.Repeat((byte)'x', length)), StringComparison.Ordinal);

    // Whatever stands in the place of whatever member: what is refused is told in the words of the file, beginning with the member.
    [Theory]
    [InlineData("null")]
    [InlineData("1e999")]
    [InlineData("\"\"")]
    [InlineData("[[]]")]
    [InlineData("{}")]
    public void Parse_AnyMemberReplaced_IsToldInWordsOfTheFile(string value)
    {
        int refused = 0;
        foreach (string path in Paths(ModelJson.Of("skylake"), string.Empty))
        {
            JsonObject model = ModelJson.With("skylake", path, value);
            try
            {
                ModelJson.Parse(model);
            }
            catch (InvalidDataException e)
            {
                refused++;
                Assert.DoesNotContain(ForeignWords, word => e.Message.Contains(word, StringComparison.Ordinal));
                Assert.Contains(path.Split('.')[0], e.Message, StringComparison.Ordinal);
            }
        }

        Assert.True(refused > 50, $"{refused} refused");
    }

    private static IEnumerable<string> Paths(JsonObject model, string prefix) => model.SelectMany(member =>
        member.Value is JsonObject inner
            ? Paths(inner, $"{prefix}{member.Key}.").Prepend(prefix + member.Key)
            : [prefix + member.Key]);

    private static string Refusal(IEnumerable<byte> text) =>
        Assert.Throws<InvalidDataException>(() => CpuModels.Parse(new MemoryStream([.. text]))).Message;
}
