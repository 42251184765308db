// The chart is an SVG of its own, with a transparent ground: text and axes follow the reader's light or dark preference.
//
//   +-------------------------------------------+----------+
//   | title                                     |          |
//   | cycles ^                     ____----     | legend,  |
//   |        |          ____----          |     | top part |
//   |        |____----                    |     | first    |
//   |        +----------------------------+     |          |
//   |                targets                    |          |
//   +-------------------------------------------+----------+

using System.Globalization;
using System.Net;
using System.Text;
using X86Pae.Lab.Shootdowns;

namespace X86Pae.Lab.Reports;

/// <summary>The parts of a shootdown, stacked, against the number of targets.</summary>
/// <param name="title">What is shown.</param>
/// <param name="points">By number of targets, ascending; at least one.</param>
public sealed class ShootdownChart(string title, IReadOnlyList<ShootdownPoint> points)
{
    private const int Width = 900;
    private const int Height = 480;
    private const int Left = 80;
    private const int Right = 740;
    private const int Top = 50;
    private const int Bottom = 420;
    private const int Ticks = 8;
    private const int BarWidth = 80; // of a single point
    private const int LegendStep = 22;

    private readonly StringBuilder _svg = new();
    private readonly string _title = title ?? throw new ArgumentNullException(nameof(title));
    private readonly IReadOnlyList<ShootdownPoint> _points = points ?? throw new ArgumentNullException(nameof(points));
    private readonly double _topValue = Math.Max(1, points.Max(point => point.Total));
    private readonly int _first = points[0].Targets;
    private readonly int _last = points[^1].Targets;

    /// <summary>The chart as the text of an SVG file.</summary>
    public string ToSvg()
    {
        _svg.Append(CultureInfo.InvariantCulture, $"""
            <svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {Width} {Height}" font-family="sans-serif" font-size="13" role="img">
            <title>{WebUtility.HtmlEncode(_title)}</title>
            <style>
            text {"{"} fill: #333 {"}"} .axis {"{"} stroke: #333 {"}"} .grid {"{"} stroke: #888; stroke-opacity: .35 {"}"}
            @media (prefers-color-scheme: dark) {"{"} text {"{"} fill: #ddd {"}"} .axis {"{"} stroke: #ddd {"}"} {"}"}
            </style>
            <text x="{Left}" y="28" font-size="16">{WebUtility.HtmlEncode(_title)}</text>

            """);
        DrawGrid();
        DrawParts();
        DrawAxes();
        return _svg.Append("</svg>\n").ToString();
    }

    private static string Number(double value) => value.ToString("0.##", CultureInfo.InvariantCulture);

    /// <summary>A round step that divides a range into not more than a few ticks: 1, 2 or 5 times a power of ten.</summary>
    private static double Step(double range)
    {
        double rough = range / Ticks;
        double power = Math.Pow(10, Math.Floor(Math.Log10(rough)));
        double step = Array.Find([1.0, 2, 5], factor => factor * power >= rough) is > 0 and double found ? found * power : 10 * power;
        return Math.Max(1, step);
    }

    private double X(double targets) =>
        _first == _last ? (Left + Right) / 2.0 : Left + ((targets - _first) / (_last - _first) * (Right - Left));

    private double Y(double cycles) => Bottom - (cycles / _topValue * (Bottom - Top));

    private void Line(string style, double x1, double y1, double x2, double y2) => _svg.Append(
            CultureInfo.InvariantCulture,
            $"<line class=\"{style}\" x1=\"{Number(x1)}\" y1=\"{Number(y1)}\" x2=\"{Number(x2)}\" y2=\"{Number(y2)}\"/>\n");

    private void Text(double x, double y, string anchor, string text, string more = "") => _svg.Append(
            CultureInfo.InvariantCulture,
            $"<text x=\"{Number(x)}\" y=\"{Number(y)}\" text-anchor=\"{anchor}\"{more}>{WebUtility.HtmlEncode(text)}</text>\n");

    private void DrawGrid()
    {
        double step = Step(_topValue);
        for (double cycles = 0; cycles <= _topValue; cycles += step)
        {
            Line("grid", Left, Y(cycles), Right, Y(cycles));
            Text(Left - 8, Y(cycles) + 4, "end", cycles.ToString("N0", CultureInfo.InvariantCulture));
        }
    }

    private void DrawAxes()
    {
        Line("axis", Left, Top, Left, Bottom);
        Line("axis", Left, Bottom, Right, Bottom);
        Text((Left + Right) / 2.0, Bottom + 44, "middle", "targets (CPUs interrupted)");
        Text(20, (Top + Bottom) / 2.0, "middle", "cycles of the initiator", $" transform=\"rotate(-90 20 {(Top + Bottom) / 2})\"");
        double step = Step(Math.Max(1, _last - _first));
        for (double targets = Math.Ceiling(_first / step) * step; targets <= _last; targets += step)
        {
            Line("axis", X(targets), Bottom, X(targets), Bottom + 5);
            Text(X(targets), Bottom + 20, "middle", Number(targets));
        }
    }

    private void DrawParts()
    {
        var below = new double[_points.Count];
        int legend = 0;
        for (int part = 0; part < ShootdownPart.All.Count; part++)
        {
            double[] above = [.. _points.Select((point, i) => below[i] + point.Mean(part))];
            if (!above.SequenceEqual(below))
            {
                DrawPart(ShootdownPart.All[part], below, above);
                DrawLegend(ShootdownPart.All[part], legend++);
            }

            below = above;
        }
    }

    private void DrawPart(ShootdownPart part, double[] below, double[] above)
    {
        // A single point is drawn as a bar.
        (double Before, double After) = _points.Count == 1 ? (-BarWidth / 2.0, BarWidth / 2.0) : (0, 0);
        IEnumerable<string> upper = Edge(above, Before, After);
        IEnumerable<string> lower = Edge(below, Before, After).Reverse();
        _svg.Append(
            CultureInfo.InvariantCulture,
            $"<polygon fill=\"{part.Colour}\" points=\"{string.Join(' ', upper.Concat(lower))}\"><title>{part.Name}</title></polygon>\n");
    }

    private IEnumerable<string> Edge(double[] cycles, double before, double after)
    {
        for (int i = 0; i < cycles.Length; i++)
        {
            yield return $"{Number(X(_points[i].Targets) + before)},{Number(Y(cycles[i]))}";
            if (after != before)
            {
                yield return $"{Number(X(_points[i].Targets) + after)},{Number(Y(cycles[i]))}";
            }
        }
    }

    // From the bottom up, as the parts are stacked.
    private void DrawLegend(ShootdownPart part, int place)
    {
        double y = Bottom - 14 - (place * LegendStep);
        _svg.Append(
            CultureInfo.InvariantCulture,
            $"<rect x=\"{Right + 24}\" y=\"{Number(y)}\" width=\"14\" height=\"14\" fill=\"{part.Colour}\"/>\n");
        Text(Right + 46, y + 12, "start", part.Name);
    }
}
