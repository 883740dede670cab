//! The files that the first visit loads: named by their content, so that a host may cache them for ever.

use anyhow::{Context, Result};
use base64::Engine as _;
use sha2::{Digest as _, Sha256, Sha384};
use wasm_bindgen_cli_support::Bindgen;

use std::path::Path;

/// A file of the finished page.
pub(crate) struct Piece {
    /// Path in the page's folder, with slashes.
    pub(crate) name: String,
    pub(crate) bytes: Vec<u8>,
}

impl Piece {
    /// A file with part of its content's hash in its name: `boot.js` becomes `boot-0123456789abcdef.js`.
    pub(crate) fn hashed(name: &str, bytes: Vec<u8>) -> Self {
        let hash = Sha256::digest(&bytes).iter().take(8).fold(0, |hash, byte| hash << 8 | u64::from(*byte));
        let (stem, extension) = name.rsplit_once('.').unwrap_or((name, ""));
        Self { name: format!("{stem}-{hash:016x}.{extension}"), bytes }
    }

    /// The value of an `integrity` attribute.
    pub(crate) fn integrity(&self) -> String {
        format!("sha384-{}", base64::engine::general_purpose::STANDARD.encode(Sha384::digest(&self.bytes)))
    }
}

/// What wasm-bindgen makes of the compiler's output.
pub(crate) struct App {
    /// The module that the page imports.
    pub(crate) glue: Piece,
    pub(crate) wasm: Piece,
    /// Small scripts of the packages, imported by the glue under fixed names.
    pub(crate) snippets: Vec<Piece>,
}

/// Binds the compiled wasm. `lean` leaves out names and producers: what a release needs.
pub(crate) fn app(compiled: &Path, lean: bool) -> Result<App> {
    let mut output = Bindgen::new()
        .input_path(compiled)
        .out_name("spanscope")
        .web(true)?
        .typescript(false)
        .omit_default_module_path(true)
        .remove_name_section(lean)
        .remove_producers_section(lean)
        .generate_output()
        .with_context(|| format!("wasm-bindgen cannot read {}", compiled.display()))?;

    let mut snippets = Vec::new();
    for (package, scripts) in output.snippets() {
        for (at, script) in scripts.iter().enumerate() {
            let name = format!("snippets/{package}/inline{at}.js");
            snippets.push(Piece { name, bytes: script.clone().into_bytes() });
        }
    }
    let mut modules: Vec<_> = output.local_modules().iter().collect();
    modules.sort();
    for (path, script) in modules {
        snippets.push(Piece { name: format!("snippets/{path}"), bytes: script.clone().into_bytes() });
    }

    let glue = Piece::hashed("spanscope.js", output.js().as_bytes().to_vec());
    let wasm = Piece::hashed("spanscope.wasm", output.wasm_mut().emit_wasm());
    Ok(App { glue, wasm, snippets })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_name_follows_the_content() {
        let one = Piece::hashed("boot.js", b"1".to_vec());
        let two = Piece::hashed("boot.js", b"2".to_vec());
        assert_eq!(one.name, "boot-6b86b273ff34fce1.js");
        assert_ne!(one.name, two.name);
    }

    #[test]
    fn integrity_is_that_of_the_standard() {
        let empty = Piece { name: String::new(), bytes: Vec::new() };
        let expected = "sha384-OLBgp1GsljhM2TJ+sbHjaiH9txEUvgdDTAzHv2P24donTt6/529l+9Ua0vFImLlb";
        assert_eq!(empty.integrity(), expected);
    }
}
