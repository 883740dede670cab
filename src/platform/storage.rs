//! Settings that outlive the visit. Where the browser keeps nothing (private mode, sandbox, file pages) they
//! live for the visit only.

use super::window;

/// All keys begin with this: pages of one host share their storage.
const PREFIX: &str = "spanscope.";

/// The value kept under `key`.
pub fn read(key: &str) -> Option<String> {
    storage()?.get_item(&format!("{PREFIX}{key}")).ok()?
}

/// Keeps `value` under `key`; returns whether the browser did.
pub fn write(key: &str, value: &str) -> bool {
    storage().is_some_and(|s| s.set_item(&format!("{PREFIX}{key}"), value).is_ok())
}

/// Forgets what is kept under `key`.
pub fn remove(key: &str) {
    if let Some(storage) = storage() {
        let _ = storage.remove_item(&format!("{PREFIX}{key}"));
    }
}

fn storage() -> Option<web_sys::Storage> {
    // Merely asking throws where storage is forbidden.
    window()?.local_storage().ok()?
}
