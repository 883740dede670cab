//! `cargo xtask test`: everything that must hold before a change goes in, phase by phase.
//!
//! A failing phase does not stop the next, so that one run tells all that is wrong. The last line sums up:
//! each test counts as one, and each phase without tests (format, lint, build) as one.

use std::io::{BufRead as _, BufReader};
use std::process::{Command, Stdio};
use std::time::Instant;

use anyhow::{Context, Result, bail};

use crate::args::Args;
use crate::build::{self, Mode};
use crate::serve::Site;
use crate::setup::{self, Browser};
use crate::{project, shown_seconds};

/// The page is tested from a sub-path, since any host may put it there.
const PREFIX: &str = "/tools/spanscope/";

/// What `--only` can name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Part {
    Lint,
    Native,
    E2e,
}

/// Tests that passed and failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
struct Tally {
    passed: usize,
    failed: usize,
}

pub(crate) fn run(mut args: Args) -> Result<()> {
    let mode = Mode::from_args(&mut args);
    let no_build = args.flag("--no-build");
    let filter = args.value::<String>("--filter")?;
    let only = match args.value::<String>("--only")?.as_deref() {
        None => None,
        Some("lint") => Some(Part::Lint),
        Some("native") => Some(Part::Native),
        Some("e2e") => Some(Part::E2e),
        Some(other) => bail!("--only is lint, native or e2e, not {other}"),
    };
    args.finish()?;
    setup::wasm_target()?;

    let wanted = |part| only.is_none_or(|only| only == part);
    let mut phases = Phases::default();
    if wanted(Part::Lint) {
        lint(&mut phases);
    }
    if wanted(Part::Native) {
        phases.tests("native tests", || native(filter.as_deref()));
    }
    if wanted(Part::E2e) {
        let built = no_build || phases.check("build", || build::build(mode));
        if built {
            phases.tests("end-to-end tests", || e2e(mode, filter.as_deref()));
        }
    }
    phases.finish();
    Ok(())
}

fn lint(phases: &mut Phases) {
    let cargo = |arguments: &[&str]| project::run(&mut project::cargo(arguments));
    phases.check("format", || cargo(&["fmt", "--all", "--check"]));
    phases.check("lint core and tools", || {
        cargo(&["clippy", "--workspace", "--no-default-features", "--all-targets", "--", "-D", "warnings"])
    });
    phases.check("lint page", || {
        cargo(&["clippy", "--package", "spanscope", "--target", setup::WASM, "--", "-D", "warnings"])
    });
}

fn native(filter: Option<&str>) -> Result<Tally> {
    let mut arguments = vec!["test", "--workspace", "--no-default-features", "--no-fail-fast"];
    arguments.extend(filter);
    let mut tally = Tally::default();
    let ended_well = echo_lines(&mut project::cargo(&arguments), |line| tally.add_cargo(line))?;
    Ok(tally.confirmed(ended_well))
}

fn e2e(mode: Mode, filter: Option<&str>) -> Result<Tally> {
    let browser = Browser::ready()?;
    let site = Site::start(&mode.folder(), PREFIX, 0)?;
    let results = project::target().join("e2e");
    std::fs::create_dir_all(&results)?;
    let results = results.join("results.tap");
    let mut node = browser.hosting_node(mode);
    node.env("SPANSCOPE_URL", site.address());
    node.args(["--test", "--test-concurrency=1"]);
    node.args(["--test-reporter=spec", "--test-reporter-destination=stdout"]);
    node.arg("--test-reporter=tap").arg(format!("--test-reporter-destination={}", results.display()));
    if let Some(filter) = filter {
        node.arg(format!("--test-name-pattern={filter}"));
    }
    node.args(e2e_files()?);
    let ended_well = node.status().context("cannot start Node.js")?.success();
    let mut tally = Tally::default();
    for line in std::fs::read_to_string(&results).unwrap_or_default().lines() {
        tally.add_tap(line);
    }
    Ok(tally.confirmed(ended_well))
}

/// The test files by name; Node's own search differs between its versions.
fn e2e_files() -> Result<Vec<std::path::PathBuf>> {
    let folder = project::root().join("tests/e2e");
    let mut files = Vec::new();
    for entry in std::fs::read_dir(&folder).context("tests/e2e")? {
        let path = entry?.path();
        if path.to_string_lossy().ends_with(".test.mjs") {
            files.push(path);
        }
    }
    files.sort();
    Ok(files)
}

/// Runs a command, shows what it prints and gives each line to `read`; returns whether it succeeded.
fn echo_lines(command: &mut Command, mut read: impl FnMut(&str)) -> Result<bool> {
    let mut child = command.stdout(Stdio::piped()).spawn().context("cannot start cargo")?;
    let stdout = child.stdout.take().context("no output to read")?;
    for line in BufReader::new(stdout).lines() {
        let line = line?;
        println!("{line}");
        read(&line);
    }
    Ok(child.wait()?.success())
}

impl Tally {
    /// Adds a line of cargo's such as `test result: ok. 3 passed; 0 failed; …`.
    fn add_cargo(&mut self, line: &str) {
        let Some(result) = line.strip_prefix("test result: ") else { return };
        let numbers = result.split([' ', ';']).collect::<Vec<_>>();
        for pair in numbers.windows(2) {
            let &[number, word] = pair else { continue };
            match (number.parse::<usize>(), word) {
                (Ok(count), "passed") => self.passed += count,
                (Ok(count), "failed") => self.failed += count,
                _ => {}
            }
        }
    }

    /// Adds one of the closing lines of a TAP report such as `# pass 3`.
    fn add_tap(&mut self, line: &str) {
        let mut words = line.split(' ');
        let ("#", Some(word), Some(Ok(count))) =
            (words.next().unwrap_or_default(), words.next(), words.next().map(str::parse::<usize>))
        else {
            return;
        };
        match word {
            "pass" => self.passed += count,
            "fail" | "cancelled" => self.failed += count,
            _ => {}
        }
    }

    /// A run that failed without a failed test (it did not compile, say) counts as one failure, and so does
    /// one that ran no test at all.
    fn confirmed(mut self, ended_well: bool) -> Self {
        if self.failed == 0 && (!ended_well || self.passed == 0) {
            self.failed = 1;
        }
        self
    }
}

/// The phases that have run.
#[derive(Default)]
struct Phases {
    lines: Vec<String>,
    tally: Tally,
}

impl Phases {
    /// Runs a phase that passes or fails as a whole.
    fn check(&mut self, name: &str, phase: impl FnOnce() -> Result<()>) -> bool {
        self.tests(name, || phase().map(|()| Tally { passed: 1, failed: 0 }))
    }

    /// Runs a phase that counts its own tests.
    fn tests(&mut self, name: &str, phase: impl FnOnce() -> Result<Tally>) -> bool {
        println!("\n=== {name}");
        let start = Instant::now();
        let tally = phase().unwrap_or_else(|error| {
            println!("{error:#}");
            Tally { passed: 0, failed: 1 }
        });
        let Tally { passed, failed } = tally;
        self.tally.passed += passed;
        self.tally.failed += failed;
        let seconds = shown_seconds(start);
        let line = format!("{name:<24} {passed:>6} passed {failed:>4} failed {seconds:>9}");
        println!("--- {line}");
        self.lines.push(line);
        failed == 0
    }

    fn finish(self) {
        println!();
        for line in &self.lines {
            println!("{line}");
        }
        let Tally { passed, failed } = self.tally;
        println!("\n{passed} passed, {failed} failed");
        // The line above is the last word, for people and for machines.
        if failed > 0 {
            std::process::exit(1);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_what_cargo_reports() {
        let mut tally = Tally::default();
        for line in [
            "running 3 tests",
            "test result: ok. 3 passed; 0 failed; 1 ignored; 0 measured; 0 filtered out",
            "test result: FAILED. 2 passed; 4 failed; 0 ignored; 0 measured; 0 filtered out",
        ] {
            tally.add_cargo(line);
        }
        assert_eq!(tally, Tally { passed: 5, failed: 4 });
    }

    #[test]
    fn counts_what_node_reports() {
        let mut tally = Tally::default();
        for line in
            ["ok 1 - opens", "    # Subtest: # pass", "# tests 9", "# pass 6", "# fail 2", "# cancelled 1"]
        {
            tally.add_tap(line);
        }
        assert_eq!(tally, Tally { passed: 6, failed: 3 });
    }

    #[test]
    fn nothing_run_is_a_failure() {
        assert_eq!(Tally::default().confirmed(true).failed, 1);
        assert_eq!(Tally { passed: 2, failed: 0 }.confirmed(false).failed, 1);
        assert_eq!(Tally { passed: 2, failed: 1 }.confirmed(false).failed, 1);
    }
}
