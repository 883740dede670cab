//! `cargo xtask build`: from the sources to a folder that any static host can serve from any sub-path.
//!
//! Does for `index.html` what Trunk would, with wasm-bindgen as a library instead of a tool to be installed:
//! compile, bind, name by content, link relatively with `integrity`, compress, check the size.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

use crate::args::Args;
use crate::page::{Asset, Page};
use crate::pieces::{self, App, Piece};
use crate::{project, setup, size};

/// How the page is built.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Mode {
    /// Small and fast, into `dist`.
    Release,
    /// Quickly built, with names for debugging, into `target/dist-dev`.
    Dev,
}

impl Mode {
    /// Takes `--dev` out of the options.
    pub(crate) fn from_args(args: &mut Args) -> Self {
        if args.flag("--dev") { Self::Dev } else { Self::Release }
    }

    /// The folder of the finished page.
    pub(crate) fn folder(self) -> PathBuf {
        match self {
            Self::Release => project::root().join("dist"),
            Self::Dev => project::target().join("dist-dev"),
        }
    }
}

pub(crate) fn run(mut args: Args) -> Result<()> {
    let mode = Mode::from_args(&mut args);
    args.finish()?;
    build(mode)
}

/// Builds the page into the folder of `mode`.
pub(crate) fn build(mode: Mode) -> Result<()> {
    setup::wasm_target()?;
    let app = pieces::app(&compile(mode)?, mode == Mode::Release)?;
    let html = read(&project::root().join("index.html"))?;
    let html = String::from_utf8(html).context("index.html is not UTF-8")?;
    let page = Page::parse(&html)?;

    let folder = mode.folder();
    if folder.exists() {
        std::fs::remove_dir_all(&folder).with_context(|| format!("cannot empty {}", folder.display()))?;
    }
    for asset in page.assets() {
        if let Asset::CopyDir(from) = asset {
            copy_dir(&project::root().join(from), &folder)?;
        }
    }
    let first_visit = assemble(&page, app, &folder)?;
    for piece in &first_visit {
        write(&folder, piece)?;
    }
    if mode == Mode::Release {
        let compressed = size::compress(&folder, &first_visit)?;
        size::gate(&first_visit, &compressed)?;
    }
    println!("built {}", folder.display());
    Ok(())
}

fn compile(mode: Mode) -> Result<PathBuf> {
    let mut arguments = vec!["build", "--bin", "spanscope", "--target", setup::WASM];
    let profile = match mode {
        Mode::Release => {
            arguments.push("--release");
            "release"
        }
        Mode::Dev => "debug",
    };
    let mut cargo = project::cargo(&arguments);
    if mode == Mode::Release {
        // Components behind one type instead of one type each: a tenth less to load. Vectors of 128 bits: the
        // search for quotes, which reading JSON mostly is, works on 16 bytes at once.
        cargo.env(
            "CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_RUSTFLAGS",
            "--cfg erase_components -C target-feature=+simd128",
        );
    }
    project::run(&mut cargo)?;
    Ok(project::target().join(setup::WASM).join(profile).join("spanscope.wasm"))
}

/// Everything the first visit loads, the page itself first.
fn assemble(page: &Page<'_>, app: App, folder: &Path) -> Result<Vec<Piece>> {
    let style = style(page)?;
    let boot = take_hashed(folder, "boot.js")?;
    let worker = take_hashed(folder, "worker.js")?;
    let mut style_pending = true;
    let html = page.render(|asset| match asset {
        Asset::Css(_) if std::mem::take(&mut style_pending) => {
            format!(r#"<link rel="stylesheet" href="{}" integrity="{}" />"#, style.name, style.integrity())
        }
        Asset::Css(_) | Asset::CopyDir(_) => String::new(),
        Asset::Rust => rust_tags(&app, &boot, &worker),
    });
    let mut pieces = vec![Piece { name: "index.html".to_owned(), bytes: html.into_bytes() }];
    if !style.bytes.is_empty() {
        pieces.push(style);
    }
    pieces.extend([boot, worker, app.glue, app.wasm]);
    pieces.extend(app.snippets);
    for name in ["favicon.svg", "config.json"] {
        pieces.push(Piece { name: name.to_owned(), bytes: read(&folder.join(name))? });
    }
    Ok(pieces)
}

/// Glue and wasm are fetched beside each other, before boot.js asks for them. A preload of this kind has no
/// `integrity`: browsers ignore it there and warn in the console.
fn rust_tags(app: &App, boot: &Piece, worker: &Piece) -> String {
    let App { glue, wasm, .. } = app;
    let preload_glue =
        format!(r#"<link rel="modulepreload" href="{}" integrity="{}" />"#, glue.name, glue.integrity());
    let preload_wasm = format!(
        r#"<link rel="preload" href="{}" as="fetch" type="application/wasm" crossorigin />"#,
        wasm.name,
    );
    let script = format!(
        r#"<script type="module" src="{}" integrity="{}" data-glue="{}" data-wasm="{}" data-worker="{}"></script>"#,
        boot.name,
        boot.integrity(),
        glue.name,
        wasm.name,
        worker.name
    );
    [preload_glue, preload_wasm, script].join("\n    ")
}

/// All style sheets in the order of the page, as one file.
fn style(page: &Page<'_>) -> Result<Piece> {
    let mut bytes = Vec::new();
    for asset in page.assets() {
        if let Asset::Css(path) = asset {
            bytes.extend(read(&project::root().join(path))?);
            bytes.push(b'\n');
        }
    }
    Ok(Piece::hashed("spanscope.css", bytes))
}

/// Takes a copied file out of the folder, to be written again under its hashed name.
fn take_hashed(folder: &Path, name: &str) -> Result<Piece> {
    let path = folder.join(name);
    let bytes = read(&path)?;
    std::fs::remove_file(&path).with_context(|| format!("cannot remove {}", path.display()))?;
    Ok(Piece::hashed(name, bytes))
}

fn copy_dir(from: &Path, to: &Path) -> Result<()> {
    let mut folders = vec![(from.to_owned(), to.to_owned())];
    while let Some((from, to)) = folders.pop() {
        std::fs::create_dir_all(&to).with_context(|| format!("cannot make {}", to.display()))?;
        let entries = std::fs::read_dir(&from).with_context(|| format!("cannot read {}", from.display()))?;
        for entry in entries {
            let entry = entry?;
            let target = to.join(entry.file_name());
            if entry.file_type()?.is_dir() {
                folders.push((entry.path(), target));
            } else {
                std::fs::copy(entry.path(), &target)
                    .with_context(|| format!("cannot copy {}", target.display()))?;
            }
        }
    }
    Ok(())
}

fn read(path: &Path) -> Result<Vec<u8>> {
    std::fs::read(path).with_context(|| format!("cannot read {}", path.display()))
}

fn write(folder: &Path, piece: &Piece) -> Result<()> {
    let path = folder.join(&piece.name);
    if let Some(parent) = path.parent() {
        std::fs::create_dir_all(parent)?;
    }
    std::fs::write(&path, &piece.bytes).with_context(|| format!("cannot write {}", path.display()))
}
