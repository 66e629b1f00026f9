#include "cli/watch_text.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <optional>

#include "cli/console.h"
#include "cli/quantity.h"
#include "report/text_table.h"

namespace unroll {
namespace {

constexpr std::size_t kBar = 16;    // columns of a bar of an axis value
constexpr std::size_t kSpark = 16;  // columns of a sparkline

// A line that never grows beyond its width and has no control characters but those of its own colours.
class Line {
 public:
  Line(std::size_t width, bool color) : left_(width), color_(color) {}

  Line& add(std::string_view words, std::optional<Paint> paint = std::nullopt) {
    std::string clean(cut(words, left_));
    for (char& c : clean) {
      if (static_cast<unsigned char>(c) < 0x20U || c == 0x7f) c = '?';
    }
    left_ -= std::min(left_, display_width(clean));
    text_ += paint && !clean.empty() ? painted(clean, *paint, color_) : clean;
    return *this;
  }
  const std::string& text() const { return text_; }

 private:
  std::size_t left_;
  bool color_;
  std::string text_;
};

// Lines under a heading, which may be cut to `least`.
struct Section {
  std::vector<std::string> lines;  // the first is the heading
  std::size_t least = 0;
  std::size_t given = 0;
};

class Screen {
 public:
  explicit Screen(const ScreenStyle& style) : style_(style), width_(style.width > 0 ? style.width - 1 : 0) {}

  std::vector<std::string> draw(const ProgressState& progress, const BoardState& board, double elapsed) {
    std::vector<std::string> out = head(progress, board, elapsed);
    std::vector<Section> sections;
    sections.push_back(
        traces("running", board.running, board, 1 + std::min<std::size_t>(2, board.running.size())));
    for (const AxisTally& axis : board.axes) sections.push_back(tallies(axis, board));
    sections.push_back(failures(board.failed, progress.failed));
    sections.push_back(traces("ended last", board.ended, board, 0));
    share_out(sections, style_.height > out.size() ? style_.height - out.size() : 0);
    for (const Section& section : sections) {
      if (section.given == 0) continue;
      out.emplace_back();
      const bool whole = section.given > section.lines.size();
      const std::size_t shown = whole ? section.lines.size() : section.given - 1;
      out.insert(out.end(), section.lines.begin(),
                 section.lines.begin() + static_cast<std::ptrdiff_t>(shown));
    }
    if (out.size() > style_.height) out.resize(style_.height);
    return out;
  }

 private:
  Line line() const { return {width_, style_.color}; }

  std::vector<std::string> head(const ProgressState& progress, const BoardState& board,
                                double elapsed) const {
    std::vector<std::string> out;
    out.push_back(line()
                      .add(board.experiment, Paint::kBold)
                      .add(fmt::format("  {} of {} runs, running for {}", progress.finished, progress.total,
                                       duration_text(elapsed)))
                      .text());
    const std::size_t cells = width_ > 40 ? std::min<std::size_t>(width_ - 36, 60) : 0;
    std::string eta = fmt::format("{:3.0f}% of work", std::floor(100.0 * progress.work_share + 1e-9));
    if (progress.stopping) {
      eta += "  stopping";
    } else if (progress.eta_seconds) {
      eta += fmt::format("  ETA {}", duration_text(*progress.eta_seconds));
    }
    out.push_back(
        line().add(bar(progress.work_share, cells), Paint::kGreen).add(cells > 0 ? " " : "").add(eta).text());
    Line counts = line();
    counts.add(progress.best.empty() ? "no run is done yet" : "best " + progress.best);
    if (progress.failed > 0) counts.add(fmt::format("  {} failed", progress.failed), Paint::kRed);
    if (progress.diverged > 0) counts.add(fmt::format("  {} diverged", progress.diverged), Paint::kYellow);
    out.push_back(counts.text());
    if (!board.notice.empty()) out.push_back(line().add(board.notice, Paint::kYellow).text());
    return out;
  }

  static std::string bar(double share, std::size_t cells) {
    if (cells == 0) return "";
    const auto full = static_cast<std::size_t>(std::clamp(share, 0.0, 1.0) * static_cast<double>(cells));
    return fmt::format("[{}{}]", std::string(full, '#'), std::string(cells - full, '-'));
  }

  Section tallies(const AxisTally& axis, const BoardState& board) const {
    std::size_t longest = axis.name.size();
    std::size_t digits = 1;
    for (const ValueTally& v : axis.values) {
      longest = std::max(longest, display_width(v.value));
      digits = std::max(digits, std::to_string(v.planned).size());
    }
    const std::size_t counts = kBar + 2 + 2 + 2 * digits + 4;
    Section section;
    section.least = 2;
    section.lines.push_back(line()
                                .add(axis.name, Paint::kBold)
                                .add(std::string(longest - axis.name.size() + 2 + counts, ' '))
                                .add(fmt::format("{:>9}  {:>9}", "median", "best"), Paint::kDim)
                                .add("  " + board.metric, Paint::kDim)
                                .text());
    for (const ValueTally& v : axis.values) {
      const double share =
          v.planned > 0 ? static_cast<double>(v.finished) / static_cast<double>(v.planned) : 1.0;
      Line row = line();
      row.add(fmt::format("{}{}  ", v.value, std::string(longest - display_width(v.value), ' ')))
          .add(bar(share, kBar), share >= 1.0 ? Paint::kGreen : Paint::kDim)
          .add(fmt::format("  {:>{}} of {:>{}}  {:>9}  {:>9}", v.finished, digits, v.planned, digits,
                           number(v.median), number(v.best)));
      if (v.failed > 0) row.add(fmt::format("  {} failed", v.failed), Paint::kRed);
      if (v.diverged > 0) row.add(fmt::format("  {} diverged", v.diverged), Paint::kYellow);
      section.lines.push_back(row.text());
    }
    return section;
  }

  // All lines share one scale, so that a low line is a good run.
  Section traces(std::string_view heading, const std::vector<RunTrace>& runs, const BoardState& board,
                 std::size_t least) const {
    Section section;
    if (runs.empty()) return section;
    section.least = least;
    double low = std::numeric_limits<double>::infinity();
    std::vector<double> highs;
    std::size_t longest = 0;
    for (const std::vector<RunTrace>* set : {&board.running, &board.ended}) {
      for (const RunTrace& run : *set) {
        longest = std::max(longest, display_width(run.settings));
        double most = -std::numeric_limits<double>::infinity();
        for (const double loss : run.losses) {
          if (!std::isfinite(loss)) continue;
          low = std::min(low, loss);
          most = std::max(most, loss);
        }
        if (std::isfinite(most)) highs.push_back(most);
      }
    }
    // A run that goes astray must not flatten the others: the scale ends at the usual highest loss.
    std::sort(highs.begin(), highs.end());
    const double high = highs.empty() ? low : highs[highs.size() / 2];
    longest = std::min(longest, width_ > kSpark + 34 ? width_ - kSpark - 34 : 16);
    section.lines.push_back(
        line()
            .add(heading, Paint::kBold)
            .add(std::string(longest + 2 - std::min(longest + 2, heading.size()), ' '))
            .add(fmt::format("{:>9}  {:<{}}  valid_loss", "epoch", "", kSpark), Paint::kDim)
            .text());
    for (const RunTrace& run : runs) {
      const std::string_view name = cut(run.settings, longest);
      const std::string spark = sparkline(run.losses, low, high, kSpark, style_.unicode);
      Line row = line();
      row.add(fmt::format("{}{}  ", name, std::string(longest - display_width(name), ' ')))
          .add(fmt::format("{:>9}  ", run.epochs == 0 ? "" : fmt::format("{} of {}", run.epoch, run.epochs)))
          .add(spark, Paint::kGreen)
          .add(std::string(kSpark - display_width(spark) + 2, ' '))
          .add(run.losses.empty() ? "" : number(run.losses.back()));
      if (run.state == RunState::kDiverged) row.add("  diverged", Paint::kYellow);
      if (run.state == RunState::kPruned) row.add("  pruned", Paint::kDim);
      section.lines.push_back(row.text());
    }
    return section;
  }

  Section failures(const std::vector<RunTrace>& runs, std::size_t total) const {
    Section section;
    if (total == 0) return section;
    section.least = 2;
    section.lines.push_back(line()
                                .add(fmt::format("{} failed", total), Paint::kRed)
                                .add(runs.empty() ? ", in earlier sessions; 'unroll status' says why" : "")
                                .text());
    for (const RunTrace& run : runs)
      section.lines.push_back(line().add(run.settings + ": ").add(run.message, Paint::kRed).text());
    return section;
  }

  // Each section with a blank line before it: first the least of all of them, then more in their order.
  static void share_out(std::vector<Section>& sections, std::size_t height) {
    for (const bool more : {false, true}) {
      for (Section& section : sections) {
        if (section.lines.empty()) continue;
        const std::size_t wanted =
            1 + (more ? section.lines.size() : std::min(section.least, section.lines.size()));
        if (!more && section.least == 0) continue;
        const std::size_t extra = std::min(wanted - std::min(wanted, section.given), height);
        // A heading alone says nothing.
        if (section.given + extra < 3 && section.given + extra < 1 + section.lines.size()) continue;
        section.given += extra;
        height -= extra;
      }
    }
  }

  ScreenStyle style_;
  std::size_t width_;
};

}  // namespace

std::string sparkline(std::span<const double> values, double low, double high, std::size_t width,
                      bool unicode) {
  static constexpr std::string_view kBlocks[] = {"\u2581", "\u2582", "\u2583", "\u2584",
                                                 "\u2585", "\u2586", "\u2587", "\u2588"};
  static constexpr std::string_view kAscii[] = {"_", ".", ",", "-", "~", "=", "*", "#"};
  const bool log = low > 0.0;
  const double bottom = log ? std::log(low) : low;
  const double span = (log ? std::log(high) : high) - bottom;
  std::string out;
  for (const double value : values.last(std::min(width, values.size()))) {
    if (!std::isfinite(value)) {
      out += '!';
      continue;
    }
    const double share = span > 0.0 ? ((log ? std::log(value) : value) - bottom) / span : 0.0;
    const auto level = static_cast<std::size_t>(std::lround(std::clamp(share, 0.0, 1.0) * 7.0));
    out += unicode ? kBlocks[level] : kAscii[level];
  }
  return out;
}

std::vector<std::string> watch_lines(const ProgressState& progress, const BoardState& board, double elapsed,
                                     const ScreenStyle& style) {
  return Screen(style).draw(progress, board, elapsed);
}

}  // namespace unroll
