#include <tests/accuracy/plot.h>

#include <fmt/format.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstring>
#include <memory>

namespace faceauth::eval {
namespace {

constexpr std::size_t kHistogramBin = 100;  // bins of the ranking in one bar

Result<std::string> terminal_for(const std::string& path, int width, int height) {
  if (path.ends_with(".svg"))
    return fmt::format("svg size {},{} dynamic font 'sans,12' background 'white'", width, height);
  if (path.ends_with(".png")) return fmt::format("png size {},{} font 'sans,11'", width, height);
  return fail(Errc::invalid_argument, "--plot wants a file that ends in .svg or .png");
}

// A string between single quotes for gnuplot.
std::string quoted(std::string text) {
  for (std::size_t at = 0; (at = text.find('\'', at)) != std::string::npos; at += 2) text.insert(at, 1, '\'');
  return "'" + text + "'";
}

// Runs gnuplot with `script` on its standard input. No shell: a path is never a command.
Result<void> run_gnuplot(const std::string& script) {
  const std::unique_ptr<std::FILE, int (*)(std::FILE*)> input(std::tmpfile(), &std::fclose);
  if (!input || std::fwrite(script.data(), 1, script.size(), input.get()) != script.size() ||
      std::fflush(input.get()) != 0)
    return fail(Errc::io, "cannot write a temporary file for gnuplot");
  std::rewind(input.get());
  const pid_t child = ::fork();
  if (child < 0) return fail(Errc::io, std::string("cannot start gnuplot: ") + std::strerror(errno));
  if (child == 0) {
    ::dup2(::fileno(input.get()), STDIN_FILENO);
    ::execlp("gnuplot", "gnuplot", static_cast<char*>(nullptr));
    ::_exit(127);
  }
  int status = 0;
  while (::waitpid(child, &status, 0) < 0 && errno == EINTR) {
  }
  if (WIFEXITED(status) && WEXITSTATUS(status) == 127)
    return fail(Errc::io, "gnuplot is not installed: apt-get install gnuplot-nox");
  if (!WIFEXITED(status) || WEXITSTATUS(status) != 0) return fail(Errc::io, "gnuplot failed; see its message above");
  return {};
}

void add_histogram(std::string& script, const std::string& name, const Histogram& histogram) {
  double total = 0;
  for (const std::uint64_t count : histogram) total += static_cast<double>(count);
  script += fmt::format("${} << EOD\n", name);
  for (std::size_t bin = 0; total > 0 && bin + kHistogramBin <= kBins; bin += kHistogramBin) {
    double sum = 0;
    for (std::size_t i = bin; i < bin + kHistogramBin; ++i) sum += static_cast<double>(histogram[i]);
    script +=
        fmt::format("{} {}\n", (static_cast<double>(bin) + kHistogramBin / 2.0) / double{kBinsPerUnit}, sum / total);
  }
  script += "EOD\n";
}

std::string det_panel(const std::vector<NamedRanking>& rankings) {
  std::string script =
      "set title 'Detection error trade-off'\nset xlabel 'false match rate'\nset ylabel 'false non-match rate'\n"
      "set logscale xy\nset format '10^{%L}'\nset xrange [1e-6:1]\nset yrange [1e-4:1]\nset key left bottom\nplot ";
  for (std::size_t i = 0; i < rankings.size(); ++i)
    script +=
        fmt::format("{}$det{} using 1:2 with lines lw 2 title {}", i == 0 ? "" : ", ", i, quoted(rankings[i].name));
  return script + "\nunset logscale\nset format '%g'\n";
}

std::string histogram_panel(const NamedRanking& one, std::size_t i) {
  return fmt::format(
      "set title {}\nset xlabel 'distance'\nset ylabel 'share of comparisons'\nset xrange [0:1.8]\nset yrange [0:*]\n"
      "set key right top\nplot $own{} using 1:2 with filledcurves y=0 fs transparent solid 0.4 title 'same person', "
      "$other{} using 1:2 with filledcurves y=0 fs transparent solid 0.4 title 'different people'\n",
      quoted("Distances of " + one.name), i, i);
}

// One column of text, the way the terminal shows it.
std::string table_panel(const std::string& table) {
  std::string script =
      "unset border\nunset tics\nunset key\nset title 'Errors'\nset xlabel ''\nset ylabel ''\n"
      "set xrange [0:1]\nset yrange [0:1]\n";
  double y = 0.98;
  for (std::size_t at = 0; at < table.size() && y > 0;) {
    const std::size_t end = std::min(table.find('\n', at), table.size());
    script += fmt::format("set label {} at graph 0, graph {:.3f} font 'monospace,9' noenhanced\n",
                          quoted(table.substr(at, end - at)), y);
    y -= 0.045;
    at = end + 1;
  }
  return script + "plot -1 notitle\n";
}

}  // namespace

Result<void> plot_rankings(const std::string& path, const std::string& title, const std::vector<NamedRanking>& rankings,
                           const std::string& table) {
  const int rows = static_cast<int>((rankings.size() + 3) / 2);
  const Result<std::string> terminal = terminal_for(path, 1200, 420 * rows);
  if (!terminal) return tl::unexpected<Error>(terminal.error());
  std::string script = fmt::format("set terminal {}\nset output {}\nset grid\n", *terminal, quoted(path));
  for (std::size_t i = 0; i < rankings.size(); ++i) {
    script += fmt::format("$det{} << EOD\n", i);
    for (const Ranking::Point& p : rankings[i].ranking.curve()) script += fmt::format("{} {}\n", p.fmr, p.fnmr);
    script += "EOD\n";
    add_histogram(script, fmt::format("own{}", i), rankings[i].ranking.genuine());
    add_histogram(script, fmt::format("other{}", i), rankings[i].ranking.impostors());
  }
  script += fmt::format("set multiplot layout {},2 title {} noenhanced\n", rows, quoted(title)) + det_panel(rankings);
  for (std::size_t i = 0; i < rankings.size(); ++i) script += histogram_panel(rankings[i], i);
  return run_gnuplot(script + table_panel(table) + "unset multiplot\n");
}

Result<void> plot_curves(const std::string& path, const std::string& title, const std::string& x_label,
                         const std::vector<RateCurve>& curves) {
  const Result<std::string> terminal = terminal_for(path, 800, 480);
  if (!terminal) return tl::unexpected<Error>(terminal.error());
  std::string script = fmt::format(
      "set terminal {}\nset output {}\nset grid\nset title {} noenhanced\nset xlabel {}\n"
      "set ylabel 'rate'\nset yrange [0:*]\n",
      *terminal, quoted(path), quoted(title), quoted(x_label));
  for (std::size_t i = 0; i < curves.size(); ++i) {
    script += fmt::format("$c{} << EOD\n", i);
    for (const auto& [x, y] : curves[i].points) script += fmt::format("{} {}\n", x, y);
    script += "EOD\n";
  }
  script += "plot ";
  for (std::size_t i = 0; i < curves.size(); ++i)
    script += fmt::format("{}$c{} using 1:2 with lines lw 2 title {}", i == 0 ? "" : ", ", i, quoted(curves[i].name));
  return run_gnuplot(script + "\n");
}

}  // namespace faceauth::eval
