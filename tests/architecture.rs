//! The fences between the layers: who may import whom, where the browser may be named, what every file has.
//!
//! Reads the sources as text, so it needs no compiler and sees both features at once. A layer is a top-level
//! module of the crate; a module that the table does not name fails the test.

#![expect(clippy::unwrap_used, reason = "helpers of tests fail as tests do")]

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

/// Each layer with the layers it may import, lowest first: a row may name earlier rows only, so there is no
/// way to write a cycle. `main` is the binary.
const LAYERS: &[(&str, &[&str])] = &[
    ("base", &[]),
    ("model", &["base"]),
    ("import", &["base", "model"]),
    ("export", &["base", "model"]),
    ("query", &["base", "model"]),
    ("analysis", &["base", "model"]),
    ("layout", &["base"]),
    ("source", &["base"]),
    ("view", &["base", "model", "query", "analysis", "layout"]),
    ("wire", &["base", "model", "import", "query", "analysis", "layout"]),
    ("engine", &["base", "model", "import", "export", "query", "analysis", "layout", "wire"]),
    ("state", &["base", "model", "source", "query", "view", "wire"]),
    ("platform", &["base", "view", "wire", "engine", "source"]),
    ("ui", &["base", "model", "source", "view", "state", "wire", "platform"]),
    ("main", &["ui", "platform", "state", "engine"]),
];

/// Macros that `#[macro_export]` puts at the crate's root, with the layer they come from.
const ROOT_MACROS: &[(&str, &str)] = &[("index_type", "base")];

/// Packages that only some layers may name. Model types are not serialisable on purpose: a stored format
/// could never let them change. The page reads its own small files, such as the list of samples.
const PACKAGES: &[(&str, &[&str])] = &[
    ("web_sys", &["platform", "ui"]),
    ("js_sys", &["platform"]),
    ("gloo_net", &["platform"]),
    ("plotters_canvas", &["platform", "ui"]),
    ("wasm_bindgen", &["platform", "ui", "main"]),
    ("wasm_bindgen_futures", &["platform", "ui", "main"]),
    ("leptos", &["ui", "main"]),
    ("console_error_panic_hook", &["main"]),
    ("serde", &["import", "export", "source", "wire", "state", "ui"]),
    ("serde_json", &["import", "export", "source", "wire", "engine", "state", "ui"]),
];

/// Lines a file may have before its tests. Above this, it holds more than one idea.
const MAX_LINES: usize = 700;

/// A source file of the crate.
struct Source {
    /// Path from `src`, with slashes.
    path: String,
    text: String,
}

impl Source {
    /// The top-level module the file belongs to, or `lib`, or `main`.
    fn layer(&self) -> &str {
        self.path.split('/').next().unwrap_or_default().trim_end_matches(".rs")
    }

    /// How many modules the file's code is below the crate's root.
    fn depth(&self) -> usize {
        let parts = self.path.split('/').count();
        parts - usize::from(self.path.ends_with("/mod.rs"))
    }

    /// The code without comments, string texts kept, and without tests, which may import what they like.
    fn code(&self) -> String {
        if self.path.ends_with("/tests.rs") {
            return String::new();
        }
        let without_tests = self.text.split("#[cfg(test)]\nmod ").next().unwrap_or_default();
        let mut code = String::with_capacity(without_tests.len());
        for line in without_tests.lines() {
            let line = if line.trim_start().starts_with("//") { "" } else { line };
            code.push_str(line.split(" // ").next().unwrap_or_default());
            code.push('\n');
        }
        code
    }
}

/// Whether `code[at..]` starts a word, not the middle of one (`$crate` and `crate` are the same here).
fn starts_word(code: &str, at: usize) -> bool {
    !code[..at].ends_with(|c: char| c.is_alphanumeric() || c == '_' || c == ':')
}

fn first_word(text: &str) -> &str {
    let end = text.find(|c: char| !(c.is_alphanumeric() || c == '_')).unwrap_or(text.len());
    &text[..end]
}

/// The first segments of a path's tail: one name, or those of a group such as `{model::{ids, time}, view}`.
fn segments(tail: &str) -> Vec<&str> {
    let Some(group) = tail.strip_prefix('{') else { return vec![first_word(tail)] };
    let mut names = Vec::new();
    let mut depth = 0_usize;
    let mut expecting = true;
    for (at, c) in group.char_indices() {
        match c {
            '{' => depth += 1,
            '}' if depth == 0 => break,
            '}' => depth -= 1,
            ',' if depth == 0 => expecting = true,
            c if expecting && !c.is_whitespace() => {
                names.push(first_word(&group[at..]));
                expecting = false;
            }
            _ => {}
        }
    }
    names
}

/// The names below the crate's root that the code reaches by `crate::`, `spanscope::` or enough `super::`.
fn imports(source: &Source) -> Vec<String> {
    let code = source.code();
    let mut found = Vec::new();
    for root in ["crate::", "spanscope::"] {
        for (at, _) in code.match_indices(root) {
            if starts_word(&code, at) {
                found.extend(segments(&code[at + root.len()..]).into_iter().map(str::to_owned));
            }
        }
    }
    for (at, _) in code.match_indices("super::") {
        if !starts_word(&code, at) {
            continue;
        }
        let mut tail = &code[at..];
        let mut steps = 0;
        while let Some(rest) = tail.strip_prefix("super::") {
            tail = rest;
            steps += 1;
        }
        if steps >= source.depth() {
            found.extend(segments(tail).into_iter().map(str::to_owned));
        }
    }
    found.sort();
    found.dedup();
    found
}

/// The layer that a name at the crate's root belongs to.
fn layer_of(name: &str) -> &str {
    ROOT_MACROS.iter().find(|(known, _)| *known == name).map_or(name, |(_, layer)| layer)
}

/// Everything wrong with the imports of a file.
fn import_faults(source: &Source) -> Vec<String> {
    let layer = source.layer();
    if layer == "lib" {
        return Vec::new();
    }
    let Some((_, allowed)) = LAYERS.iter().find(|(name, _)| *name == layer) else {
        return vec![format!("{}: module `{layer}` is not in the table of layers", source.path)];
    };
    let foreign = imports(source).into_iter().filter(|name| {
        let target = layer_of(name);
        target != layer && !allowed.contains(&target)
    });
    foreign.map(|name| format!("{}: `{layer}` may not import `{name}`", source.path)).collect()
}

/// Everything wrong with the packages that a file names.
fn package_faults(source: &Source) -> Vec<String> {
    let code = source.code();
    let names = |package: &str| {
        let mut places = code.match_indices(&format!("{package}::")).map(|(at, _)| at).collect::<Vec<_>>();
        places.extend(code.match_indices(&format!("use {package}")).map(|(at, _)| at));
        places
            .into_iter()
            .any(|at| starts_word(&code, at) && first_word(code[at..].trim_start_matches("use ")) == package)
    };
    PACKAGES
        .iter()
        .filter(|(package, allowed)| !allowed.contains(&source.layer()) && names(package))
        .map(|(package, _)| format!("{}: may not name `{package}`", source.path))
        .collect()
}

/// What would end up in every binary that links the library, used or not.
fn export_faults(source: &Source) -> Vec<String> {
    let code = source.code();
    let is_export = |(at, _): (usize, &str)| {
        let item = code[at..].split_once(']').map_or("", |(_, item)| item).trim_start();
        !item.starts_with("extern") && !item.starts_with("unsafe extern")
    };
    if source.layer() == "main" || !code.match_indices("#[wasm_bindgen").any(is_export) {
        return Vec::new();
    }
    vec![format!("{}: exports to JavaScript belong to main.rs", source.path)]
}

/// `style="…"` as an attribute is what the page's policy forbids; `style:name=` is set through the CSSOM.
fn style_faults(source: &Source) -> Vec<String> {
    let code = source.code();
    let inline = [" style=", " attr:style=", "\"style\""].iter().any(|text| code.contains(text));
    if source.layer() == "ui" && inline {
        return vec![format!("{}: a style attribute; use a class or `style:name=`", source.path)];
    }
    Vec::new()
}

fn form_faults(source: &Source) -> Vec<String> {
    let mut faults = Vec::new();
    if !source.text.starts_with("//!") {
        faults.push(format!("{}: no `//!` header that says why the file exists", source.path));
    }
    let lines = source.code().lines().count();
    if lines > MAX_LINES {
        faults.push(format!("{}: {lines} lines, more than {MAX_LINES}", source.path));
    }
    faults
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// Files below a folder with the given ending, in the order of their names.
fn files(folder: &Path, ending: &str) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        let Ok(entries) = fs::read_dir(&folder) else { continue };
        for path in entries.filter_map(|entry| Some(entry.ok()?.path())) {
            if path.is_dir() && !path.ends_with("node_modules") {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == ending) {
                found.push(path);
            }
        }
    }
    found.sort();
    found
}

fn sources(folder: &str) -> Vec<Source> {
    let folder = root().join(folder);
    let read = |path: PathBuf| Source {
        path: path.strip_prefix(&folder).unwrap().to_string_lossy().replace('\\', "/"),
        text: fs::read_to_string(&path).unwrap(),
    };
    let sources: Vec<_> = files(&folder, "rs").into_iter().map(read).collect();
    assert!(!sources.is_empty(), "no sources in {}", folder.display());
    sources
}

fn check_all(folder: &str, faults: impl Fn(&Source) -> Vec<String>) {
    let report = sources(folder).iter().flat_map(faults).fold(String::new(), |mut report, fault| {
        let _ = writeln!(report, "  {fault}");
        report
    });
    assert!(report.is_empty(), "\n{report}");
}

#[test]
fn layers_import_only_what_the_table_allows() {
    check_all("src", import_faults);
}

#[test]
fn the_table_has_no_cycle() {
    for (at, (layer, allowed)) in LAYERS.iter().enumerate() {
        for import in *allowed {
            let known = LAYERS[..at].iter().any(|(earlier, _)| earlier == import);
            assert!(known, "`{layer}` names `{import}`, which is no earlier row");
        }
    }
}

#[test]
fn packages_are_named_only_where_they_belong() {
    check_all("src", package_faults);
}

#[test]
fn the_library_exports_nothing_to_javascript() {
    check_all("src", export_faults);
}

#[test]
fn components_bind_no_style_attribute() {
    check_all("src", style_faults);
}

#[test]
fn files_have_a_header_and_one_idea() {
    for folder in ["src", "xtask/src", "tests", "examples"] {
        check_all(folder, form_faults);
    }
}

#[test]
fn the_page_links_every_style_sheet_once() {
    let html = fs::read_to_string(root().join("index.html")).unwrap();
    let mut linked: Vec<String> = html
        .lines()
        .filter(|line| line.contains("data-trunk") && line.contains(r#"rel="css""#))
        .filter_map(|line| line.split_once("href=\"")?.1.split('"').next().map(str::to_owned))
        .collect();
    linked.sort();
    let on_disk: Vec<String> = files(&root().join("style"), "css")
        .iter()
        .map(|path| path.strip_prefix(root()).unwrap().to_string_lossy().replace('\\', "/"))
        .collect();
    assert_eq!(linked, on_disk, "links in index.html on the left, files in style/ on the right");
}

#[test]
fn colours_stand_in_the_tokens_only() {
    for path in files(&root().join("style"), "css") {
        if path.ends_with("tokens.css") {
            continue;
        }
        for line in fs::read_to_string(&path).unwrap().lines() {
            let value = line.split_once(':').map_or("", |(_, value)| value);
            let raw = ["rgb(", "rgba(", "hsl(", "oklch("].iter().any(|text| value.contains(text))
                || value.split(['#']).skip(1).any(|text| {
                    let digits = text.chars().take_while(char::is_ascii_hexdigit).count();
                    matches!(digits, 3 | 4 | 6 | 8)
                });
            assert!(!raw, "{}: a raw colour in `{}`", path.display(), line.trim());
        }
    }
}

mod the_checker_itself {
    use super::*;

    fn source(path: &str, text: &str) -> Source {
        Source { path: path.to_owned(), text: text.to_owned() }
    }

    #[test]
    fn finds_every_way_to_write_an_import() {
        let cases = [
            ("model/a.rs", "use crate::view::Rows;"),
            ("model/a.rs", "use crate::{base::bitset, view::{self, rows}};"),
            ("model/a.rs", "use crate::{\n    base::bitset,\n    view,\n};"),
            ("model/a.rs", "fn f() { let x = crate::view::rows(); }"),
            ("model/a.rs", "use super::super::view::Rows;"),
            ("model/mod.rs", "use super::view::Rows;"),
            ("model/b/c.rs", "use super::super::super::{view};"),
            ("model/a.rs", "macro_rules! m { () => { $crate::view::x() } }"),
            ("model/a.rs", "use spanscope::view;"),
        ];
        for (path, text) in cases {
            let faults = import_faults(&source(path, text));
            assert_eq!(faults, [format!("{path}: `model` may not import `view`")], "{text}");
        }
    }

    #[test]
    fn allows_what_is_in_order() {
        let cases = [
            ("model/a.rs", "use crate::base::bitset;\nuse super::span::Span;"),
            ("model/a.rs", "// crate::view is above\n//! crate::view\n/// crate::view"),
            ("model/a.rs", "use crate::base; // like crate::view"),
            ("model/a.rs", "fn f() {}\n#[cfg(test)]\nmod tests { use crate::view::x; }"),
            ("model/a.rs", "use my_crate::view; use other::crate_view;"),
            ("model/a.rs", "crate::index_type! { struct A }"),
            ("main.rs", "use spanscope::{platform, ui};"),
            ("lib.rs", "pub mod view;"),
        ];
        for (path, text) in cases {
            assert_eq!(import_faults(&source(path, text)), [""; 0], "{text}");
        }
    }

    #[test]
    fn a_new_module_must_enter_the_table() {
        assert_eq!(import_faults(&source("magic/mod.rs", "")).len(), 1);
    }

    #[test]
    fn finds_packages_out_of_place() {
        let faults = |path, text| package_faults(&source(path, text)).len();
        assert_eq!(faults("model/a.rs", "use web_sys::Window;"), 1);
        assert_eq!(faults("model/a.rs", "use serde::Serialize;"), 1);
        assert_eq!(faults("platform/a.rs", "use leptos::prelude::*;"), 1);
        assert_eq!(faults("view/a.rs", "fn f(w: &web_sys::Window) {}"), 1);
        assert_eq!(faults("platform/a.rs", "use web_sys::{Window};"), 0);
        assert_eq!(faults("view/a.rs", "use my_web_sys::Window;"), 0);
    }

    #[test]
    fn finds_exports_and_style_attributes() {
        assert_eq!(export_faults(&source("ui/a.rs", "#[wasm_bindgen(start)]\npub fn f() {}")).len(), 1);
        assert_eq!(export_faults(&source("ui/a.rs", "#[wasm_bindgen]\nextern \"C\" {}")).len(), 0);
        assert_eq!(export_faults(&source("main.rs", "#[wasm_bindgen]\npub fn f() {}")).len(), 0);
        assert_eq!(style_faults(&source("ui/a.rs", "view! { <p style=\"color: red\"/> }")).len(), 1);
        assert_eq!(style_faults(&source("ui/a.rs", "view! { <p style:width=x/> }")).len(), 0);
    }

    #[test]
    fn finds_missing_headers_and_long_files() {
        assert_eq!(form_faults(&source("ui/a.rs", "use x;")).len(), 1);
        assert_eq!(form_faults(&source("ui/a.rs", &"//! x\n".repeat(MAX_LINES + 1))).len(), 1);
        assert_eq!(form_faults(&source("ui/a.rs", "//! x\n")).len(), 0);
    }
}
