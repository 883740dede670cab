//! Installs what a command needs and the machine lacks, or says precisely what to install.
//!
//! Asks first, so that a machine that has everything is never touched and needs no network. Packages of the
//! system are installed as root on Debian and its kin only; elsewhere that is for the owner of the machine.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};

use crate::args::Args;
use crate::build::Mode;
use crate::project::{self, output, program};

/// The target that the browser runs.
pub(crate) const WASM: &str = "wasm32-unknown-unknown";

/// The oldest Node.js that playwright-core runs on.
const NODE_MAJOR: u32 = 20;

/// Node.js from npm, for systems whose own is older (Debian 12 has 18).
const NODE_PACKAGE: &str = "node@22.23.3";

/// The browsers to look for, best first.
const BROWSERS: &[&str] = &["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"];

/// The variable that names a browser elsewhere.
const BROWSER_VARIABLE: &str = "SPANSCOPE_CHROMIUM";

/// The variable that names the web server elsewhere.
const NGINX_VARIABLE: &str = "SPANSCOPE_NGINX";

/// Where Debian keeps programs that only root has on the PATH.
const SYSTEM_PROGRAMS: &str = "/usr/sbin";

pub(crate) fn run(args: Args) -> Result<()> {
    args.finish()?;
    wasm_target()?;
    let browser = Browser::ready()?;
    let nginx = nginx()?;
    println!(
        "ready: {WASM}, {}, {}, {}",
        browser.node.display(),
        browser.chromium.display(),
        nginx.display()
    );
    Ok(())
}

/// The standard library for the browser.
///
/// Added to the toolchain in use by name: `rustup toolchain install` reads the targets of rust-toolchain.toml
/// only where no other choice overrides the file, and cargo itself sets such an override for what it starts.
pub(crate) fn wasm_target() -> Result<()> {
    if has_wasm_target() {
        return Ok(());
    }
    println!("installing the Rust target {WASM}");
    if project::run(&mut program("rustup", &["target", "add", WASM])).is_err() || !has_wasm_target() {
        bail!(
            "the Rust target {WASM} is missing: install rustup (https://rustup.rs), \
             then run `rustup target add {WASM}` in this folder"
        );
    }
    Ok(())
}

fn has_wasm_target() -> bool {
    let Some(sysroot) = output(&mut program("rustc", &["--print", "sysroot"])) else { return false };
    Path::new(&sysroot).join("lib/rustlib").join(WASM).join("lib").is_dir()
}

/// What drives the page in a real browser.
pub(crate) struct Browser {
    pub(crate) node: PathBuf,
    pub(crate) chromium: PathBuf,
}

impl Browser {
    /// Finds Node.js, Chromium and the npm packages of the tests; installs what is missing.
    pub(crate) fn ready() -> Result<Self> {
        let chromium = chromium()?;
        let node = node()?;
        npm_packages(&node)?;
        Ok(Self { node, chromium })
    }

    /// Runs a script with Node.js, telling it of the browser.
    pub(crate) fn node(&self) -> std::process::Command {
        let mut command = std::process::Command::new(&self.node);
        command.current_dir(project::root()).env(BROWSER_VARIABLE, &self.chromium);
        command
    }

    /// The same for scripts that host the built page of `mode` themselves.
    ///
    /// Without nginx, those of its tests fail and say so; the others need not.
    pub(crate) fn hosting_node(&self, mode: Mode) -> std::process::Command {
        let mut command = self.node();
        command.env("SPANSCOPE_DIST", mode.folder());
        match nginx() {
            Ok(nginx) => drop(command.env(NGINX_VARIABLE, nginx)),
            Err(error) => println!("{error:#}"),
        }
        if mode == Mode::Dev {
            command.env("SPANSCOPE_DEV", "1");
        }
        command
    }
}

/// The file that a variable names, if it is set.
fn named(variable: &str) -> Result<Option<PathBuf>> {
    let Some(named) = std::env::var_os(variable) else { return Ok(None) };
    let path = PathBuf::from(named);
    if !path.is_file() {
        bail!("{variable} names {}, which is no file", path.display());
    }
    Ok(Some(path))
}

/// The web server that the shipped configuration is tested with.
pub(crate) fn nginx() -> Result<PathBuf> {
    if let Some(path) = named(NGINX_VARIABLE)? {
        return Ok(path);
    }
    let system = Path::new(SYSTEM_PROGRAMS).join("nginx");
    let found = || on_path("nginx").or_else(|| system.is_file().then(|| system.clone()));
    if let Some(path) = found() {
        return Ok(path);
    }
    apt_install(&["nginx"]).context(format!(
        "no nginx: install one (Debian: `apt-get install nginx`) or let {NGINX_VARIABLE} name its executable"
    ))?;
    found().context("nginx was installed but is not where programs are")
}

fn chromium() -> Result<PathBuf> {
    if let Some(path) = named(BROWSER_VARIABLE)? {
        return Ok(path);
    }
    let found = || BROWSERS.iter().find_map(|name| on_path(name));
    if let Some(path) = found() {
        return Ok(path);
    }
    apt_install(&["chromium"]).context(format!(
        "no Chromium: install one (Debian: `apt-get install chromium`) or let {BROWSER_VARIABLE} name its executable"
    ))?;
    found().context("Chromium was installed but is not on the PATH")
}

/// A Node.js new enough: the system's, or one from npm kept in the target folder.
fn node() -> Result<PathBuf> {
    let missing = format!(
        "Node.js {NODE_MAJOR} or newer with npm is needed: install it (https://nodejs.org, or Debian 13: \
         `apt-get install nodejs npm`)"
    );
    if on_path("node").is_none() || on_path("npm").is_none() {
        apt_install(&["nodejs", "npm"]).context(missing.clone())?;
    }
    if let Some(system) = on_path("node")
        && is_new_enough(&system)
    {
        return Ok(system);
    }
    let folder = project::target().join("node");
    let own = folder.join("node_modules/node/bin/node");
    if !is_new_enough(&own) {
        println!("the system's Node.js is too old; installing {NODE_PACKAGE} into {}", folder.display());
        std::fs::create_dir_all(&folder)?;
        let prefix = folder.to_string_lossy();
        let arguments =
            ["install", "--no-save", "--no-audit", "--no-fund", "--prefix", &prefix, NODE_PACKAGE];
        project::run(&mut program("npm", &arguments)).context(missing.clone())?;
    }
    if !is_new_enough(&own) {
        bail!(missing);
    }
    Ok(own)
}

fn is_new_enough(node: &Path) -> bool {
    let version = output(std::process::Command::new(node).arg("--version")).unwrap_or_default();
    let major = version.trim_start_matches('v').split('.').next().and_then(|major| major.parse().ok());
    major.is_some_and(|major: u32| major >= NODE_MAJOR)
}

/// The packages of tests/e2e, exactly as its lock file says. A copy of the lock tells what is installed.
fn npm_packages(node: &Path) -> Result<()> {
    let folder = project::root().join("tests/e2e");
    let lock = std::fs::read(folder.join("package-lock.json")).context("tests/e2e/package-lock.json")?;
    let stamp = folder.join("node_modules/.installed-lock.json");
    if std::fs::read(&stamp).is_ok_and(|installed| installed == lock) {
        return Ok(());
    }
    println!("installing the npm packages of tests/e2e");
    let mut npm = program("npm", &["ci", "--ignore-scripts", "--no-audit", "--no-fund"]);
    npm.current_dir(&folder);
    if let (Some(bin), Some(path)) = (node.parent(), std::env::var_os("PATH")) {
        let bins = std::iter::once(bin.to_owned()).chain(std::env::split_paths(&path));
        npm.env("PATH", std::env::join_paths(bins)?);
    }
    project::run(&mut npm)?;
    std::fs::write(&stamp, lock).context("cannot note the installed packages")
}

fn apt_install(packages: &[&str]) -> Result<()> {
    let is_root = output(&mut program("id", &["-u"])).as_deref() == Some("0");
    let command = format!("apt-get install {}", packages.join(" "));
    if on_path("apt-get").is_none() {
        bail!("this system has no apt-get");
    }
    if !is_root {
        bail!("not root; run as root: {command}");
    }
    println!("installing {} with apt-get", packages.join(", "));
    let apt = |arguments: &[&str]| {
        let mut apt = program("apt-get", arguments);
        project::run(apt.env("DEBIAN_FRONTEND", "noninteractive"))
    };
    apt(&["update", "--quiet=2"])?;
    let mut arguments = vec!["install", "--yes", "--quiet=2", "--no-install-recommends"];
    arguments.extend(packages);
    apt(&arguments)
}

fn on_path(name: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    std::env::split_paths(&path).map(|folder| folder.join(name)).find(|file| file.is_file())
}
