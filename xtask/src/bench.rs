//! `cargo xtask bench`: what opening and looking at traces of growing size costs in a real browser.
//!
//! Makes the files once (equal arguments give equal bytes), serves the release page and leaves measuring to
//! `tests/bench`, which needs the browser's own clock. `--part opening`, `--part analysis` or
//! `--part compare` measures only that.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};

use crate::args::Args;
use crate::build::{self, Mode};
use crate::serve::Site;
use crate::setup::Browser;
use crate::{project, size};

/// Spans of the files, with the formats measured at that size.
const CASES: &[(usize, &[&str])] = &[
    (1_000, &["otlp-json", "jaeger-json"]),
    (10_000, &["otlp-json", "jaeger-json"]),
    (100_000, &["otlp-json", "jaeger-json", "otlp-protobuf"]),
    (1_000_000, &["otlp-json", "jaeger-json", "otlp-protobuf"]),
];

/// Shapes of the traces that are analysed, with their spans: what is usual, and the extremes.
const SHAPES: &[(&str, usize)] = &[
    ("services", 1_000_000),
    ("wide", 1_000_000),
    ("chain", 1_000_000),
    ("roots", 1_000_000),
    ("equal", 1_000_000),
    ("orphans", 1_000_000),
    ("cycle", 100_000),
];

/// Spans of each of two traces that are compared.
const COMPARED: usize = 500_000;

pub(crate) fn run(mut args: Args) -> Result<()> {
    let most = args.value("--max-spans")?.unwrap_or(usize::MAX);
    let only = args.value::<String>("--format")?;
    let part = args.value::<String>("--part")?;
    let no_build = args.flag("--no-build");
    args.finish()?;
    if !no_build {
        build::build(Mode::Release)?;
    }
    let browser = Browser::ready()?;
    let folder = project::target().join("bench");
    std::fs::create_dir_all(&folder)?;
    let is_wanted = |name: &str| part.as_deref().is_none_or(|part| part == name);
    let site = Site::start(&Mode::Release.folder(), "/bench/", 0)?;
    if is_wanted("analysis") {
        let shapes = SHAPES
            .iter()
            .map(|&(shape, spans)| file(&folder, spans.min(most), "otlp-protobuf", shape))
            .collect::<Result<Vec<_>>>()?;
        measure(&browser, &site, &shapes, "analysis.mjs")?;
    }
    if is_wanted("compare") {
        let half = file(&folder, COMPARED.min(most), "otlp-protobuf", "services")?;
        measure(&browser, &site, &[half], "compare.mjs")?;
    }
    if !is_wanted("opening") {
        return Ok(());
    }
    let mut cases = Vec::new();
    for (spans, formats) in CASES.iter().filter(|(spans, _)| *spans <= most) {
        for format in formats.iter().filter(|format| only.as_deref().is_none_or(|only| only == **format)) {
            cases.push(file(&folder, *spans, format, "services")?);
        }
    }
    measure(&browser, &site, &cases, "bench.mjs")?;
    println!("\nFirst visit: {:.0} kB brotli", size::first_visit_kb(&Mode::Release.folder())?);
    Ok(())
}

/// Has a script of `tests/bench` measure these files.
fn measure(browser: &Browser, site: &Site, files: &[File], script: &str) -> Result<()> {
    let mut node = browser.node();
    node.env("SPANSCOPE_URL", site.address()).env("SPANSCOPE_BENCH", listed(files)?);
    project::run(node.arg(project::root().join("tests/bench").join(script)))
}

struct File {
    spans: usize,
    format: &'static str,
    shape: &'static str,
    path: PathBuf,
}

/// Makes a file unless an earlier run has.
fn file(folder: &Path, spans: usize, format: &'static str, shape: &'static str) -> Result<File> {
    let ending = if format.ends_with("json") { "json" } else { "pb" };
    let is_usual = shape == "services";
    let name = if is_usual { format.to_owned() } else { format!("{format}-{shape}") };
    let path = folder.join(format!("{name}-{spans}.{ending}"));
    if !path.exists() {
        println!("writing {}", path.display());
        let unfinished = path.with_extension("part");
        let generate =
            ["run", "--quiet", "--release", "--no-default-features", "--example", "generate", "--"];
        let mut cargo = project::cargo(&generate);
        cargo.args(["--spans", &spans.to_string(), "--format", format, "--shape", shape]);
        if !is_usual {
            // What makes the extremes hard is their shape; two attributes keep the files small.
            cargo.args(["--attributes", "2"]);
        }
        cargo.arg(&unfinished);
        project::run(&mut cargo)?;
        std::fs::rename(&unfinished, &path)?;
    }
    Ok(File { spans, format, shape, path })
}

/// The files as JSON, for the script. Names are our own, so only the path could need escaping.
fn listed(files: &[File]) -> Result<String> {
    let mut json = String::from("[");
    for (at, File { spans, format, shape, path }) in files.iter().enumerate() {
        let bytes = std::fs::metadata(path).context("cannot read the size of a file")?.len();
        let path = path.to_str().context("the project's path is not UTF-8")?;
        if path.contains(['"', '\\']) {
            bail!("cannot name {path} to the script");
        }
        let comma = if at == 0 { "" } else { "," };
        write!(
            json,
            r#"{comma}{{"spans":{spans},"format":"{format}","shape":"{shape}","path":"{path}","bytes":{bytes}}}"#
        )?;
    }
    json.push(']');
    Ok(json)
}
