//! What is shipped in deploy/ fits the page, and its parts fit each other.

#![expect(clippy::panic, reason = "helpers of tests fail as tests do")]

use std::collections::BTreeSet;
use std::path::Path;

use serde_json::Value;

fn read(path: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(path);
    std::fs::read_to_string(&path).unwrap_or_else(|e| panic!("{}: {e}", path.display()))
}

/// The text between the first `before` and the next `after`.
fn between<'a>(text: &'a str, before: &str, after: &str) -> &'a str {
    let (_, rest) = text.split_once(before).unwrap_or_else(|| panic!("no {before}"));
    rest.split_once(after).unwrap_or_else(|| panic!("no {after} behind {before}")).0
}

#[test]
fn the_servers_send_the_policy_of_the_page() {
    let page =
        between(&read("index.html"), "http-equiv=\"Content-Security-Policy\" content=\"", "\"").to_owned();
    // The only directive that a page cannot state itself.
    let expected = format!("{page}; frame-ancestors 'self'");
    for file in ["deploy/nginx.conf.template", "deploy/Caddyfile"] {
        assert_eq!(between(&read(file), "Content-Security-Policy \"", "\""), expected, "{file}");
    }
}

/// The names of the form `${SPANSCOPE_…}` and `{$SPANSCOPE_…}`.
fn variables(text: &str) -> BTreeSet<String> {
    text.split(['$', '{'])
        .filter(|part| part.starts_with("SPANSCOPE_"))
        .map(|part| part.chars().take_while(|c| c.is_ascii_uppercase() || *c == '_').collect())
        .collect()
}

#[test]
fn the_servers_ask_for_what_the_compose_file_sets() {
    let expected = ["CONFIG", "JAEGER", "LISTEN", "ROOT", "TEMPO"].map(|name| format!("SPANSCOPE_{name}"));
    let expected: BTreeSet<_> = expected.into_iter().collect();
    let compose = read("deploy/compose.yaml");
    for file in ["deploy/nginx.conf.template", "deploy/Caddyfile"] {
        assert_eq!(variables(&read(file)), expected, "{file}");
    }
    for name in expected {
        assert!(compose.contains(&format!("      {name}: ")), "compose.yaml does not set {name}");
    }
    for mounted in compose.split("./").skip(1).filter_map(|rest| rest.split_once(':')).map(|(file, _)| file) {
        assert!(
            mounted == "dist" || Path::new(env!("CARGO_MANIFEST_DIR")).join("deploy").join(mounted).is_file(),
            "compose.yaml mounts {mounted}, which is not there"
        );
    }
}

#[test]
fn the_presets_lead_to_what_the_servers_proxy() {
    let config: Value = serde_json::from_str(&read("deploy/config.json")).unwrap();
    for backend in config["backends"].as_array().unwrap() {
        let url = backend["url"].as_str().unwrap();
        assert!(read("deploy/nginx.conf.template").contains(&format!("location /{url} {{")), "{url}");
        assert!(read("deploy/Caddyfile").contains(&format!("handle_path /{url}* {{")), "{url}");
    }
}
