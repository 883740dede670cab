//! `cargo xtask live`: the page in front of real servers.
//!
//! Serves the page by nginx with the shipped configuration, whose backends are the given ones, and runs the checks
//! of tests/e2e/live.mjs in a browser. They take whatever traces are there.

use anyhow::{Context, Result, bail};

use crate::args::Args;
use crate::build::{self, Mode};
use crate::serve::Site;
use crate::setup::Browser;

pub(crate) fn run(mut args: Args) -> Result<()> {
    let mode = Mode::from_args(&mut args);
    let no_build = args.flag("--no-build");
    let backends = [
        ("SPANSCOPE_LIVE_JAEGER", args.value::<String>("--jaeger")?),
        ("SPANSCOPE_LIVE_TEMPO", args.value::<String>("--tempo")?),
    ];
    args.finish()?;
    if backends.iter().all(|(_, url)| url.is_none()) {
        bail!("nothing to ask: give --jaeger URL, --tempo URL or both");
    }
    if !no_build {
        build::build(mode)?;
    }
    // What the tests share expects the page somewhere, though these checks host it themselves.
    let site = Site::start(&mode.folder(), "/", 0)?;
    let mut node = Browser::ready()?.hosting_node(mode);
    node.env("SPANSCOPE_URL", site.address());
    for (variable, url) in backends {
        if let Some(url) = url {
            node.env(variable, proxied(&url)?);
        }
    }
    node.args(["--test", "--test-reporter=spec", "tests/e2e/live.mjs"]);
    if !node.status().context("cannot start Node.js")?.success() {
        bail!("the checks failed");
    }
    Ok(())
}

/// The address as the configuration wants it: with its scheme, without a slash at the end.
fn proxied(url: &str) -> Result<String> {
    if !url.starts_with("http://") && !url.starts_with("https://") {
        bail!("{url} is no address: it begins with http:// or https://");
    }
    Ok(url.trim_end_matches('/').to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_those_that_nginx_takes() {
        assert_eq!(proxied("http://localhost:3200/").unwrap(), "http://localhost:3200");
        assert_eq!(proxied("https://host/base").unwrap(), "https://host/base");
        assert!(proxied("localhost:3200").is_err());
    }
}
