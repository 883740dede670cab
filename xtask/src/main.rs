//! Builds, serves, tests and measures the app, and installs what those need.
//!
//! Everything a contributor or a CI types starts here, so that a fresh machine needs cargo and nothing
//! else. Each command is a module with a `run`; each module looks after its own options.

// The workspace's bans are for the app: a native tool prints, reads the clock and starts threads.
#![allow(
    clippy::disallowed_methods,
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a command line tool, not the app"
)]

mod args;
mod bench;
mod build;
mod live;
mod page;
mod pieces;
mod project;
mod serve;
mod setup;
mod size;
mod test;

use std::process::ExitCode;

use anyhow::{Result, bail};
use args::Args;

/// One command of `cargo xtask`.
struct Command {
    name: &'static str,
    usage: &'static str,
    about: &'static str,
    run: fn(Args) -> Result<()>,
}

const COMMANDS: &[Command] = &[
    Command {
        name: "build",
        usage: "[--dev]",
        about: "Build the page into dist/, for any sub-path of any static host",
        run: build::run,
    },
    Command {
        name: "serve",
        usage: "[--port N] [--open] [--prefix /PATH/] [--dev] [--no-build]",
        about: "Build the page and serve it on 127.0.0.1",
        run: serve::run,
    },
    Command {
        name: "test",
        usage: "[--only lint|native|e2e] [--filter NAME] [--dev] [--no-build]",
        about: "Check format and lints, run native and end-to-end tests",
        run: test::run,
    },
    Command {
        name: "bench",
        usage: "[--max-spans N] [--format NAME] [--no-build]",
        about: "Measure the release page with traces of 1 k to 1 M spans",
        run: bench::run,
    },
    Command {
        name: "live",
        usage: "[--jaeger URL] [--tempo URL] [--dev] [--no-build]",
        about: "Run the end-to-end checks against real servers, whatever traces they hold",
        run: live::run,
    },
    Command { name: "setup", usage: "", about: "Install what the other commands need", run: setup::run },
];

fn main() -> ExitCode {
    match dispatch() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn dispatch() -> Result<()> {
    let mut given = std::env::args().skip(1);
    let name = given.next().unwrap_or_default();
    if matches!(name.as_str(), "" | "help" | "--help" | "-h") {
        print_help();
        return Ok(());
    }
    let Some(command) = COMMANDS.iter().find(|command| command.name == name) else {
        print_help();
        bail!("no such command: {name}");
    };
    (command.run)(Args::new(given.collect()))
}

fn print_help() {
    println!("Usage: cargo xtask COMMAND\n");
    for Command { name, usage, about, .. } in COMMANDS {
        println!("  {name} {usage}\n      {about}");
    }
}

/// The time since `start`, as people read it.
fn shown_seconds(start: std::time::Instant) -> String {
    format!("{:.1} s", start.elapsed().as_secs_f64())
}
