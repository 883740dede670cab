//! Who carries out a command: screens register while they are shown, keys and palette run.

use leptos::prelude::*;

use crate::state::commands::CommandId;

/// Carries out a command and says whether it was one of its own.
type Runner = Callback<CommandId, bool>;

/// A copyable handle to those who carry out commands, the newest first.
#[derive(Clone, Copy, Debug)]
pub struct Commands {
    runners: StoredValue<Vec<(u32, Runner)>>,
    next_id: StoredValue<u32>,
}

impl Commands {
    /// Nobody yet.
    pub fn new() -> Self {
        Self { runners: StoredValue::new(Vec::new()), next_id: StoredValue::new(0) }
    }

    /// Has `runner` carry out commands as long as the present component lives.
    pub fn register(self, runner: impl Fn(CommandId) -> bool + Send + Sync + 'static) {
        let id = self.next_id.get_value();
        self.next_id.set_value(id.wrapping_add(1));
        self.runners.update_value(|runners| runners.push((id, Callback::new(runner))));
        on_cleanup(move || {
            // At the end of the page the list may be gone before its entries.
            self.runners.try_update_value(|runners| runners.retain(|(of, _)| *of != id));
        });
    }

    /// Has a command carried out; says whether anybody did.
    pub fn run(self, command: CommandId) -> bool {
        // A copy, since a runner may show another screen, which registers.
        let runners = self.runners.get_value();
        runners.iter().rev().any(|(_, runner)| runner.run(command))
    }
}

impl Default for Commands {
    fn default() -> Self {
        Self::new()
    }
}
