//! What several test programs need: where the sample traces are.

use std::path::PathBuf;

/// A path below the collection of sample traces and design papers, which lies beside the repository.
///
/// `None` where the collection is absent, after saying which test is skipped; in CI, where it must be there,
/// its absence fails the test. `SPANSCOPE_SHARED` names another place, for work trees.
pub(crate) fn shared(path: &str) -> Option<PathBuf> {
    let beside = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared");
    let root = std::env::var_os("SPANSCOPE_SHARED").map_or(beside, PathBuf::from);
    let found = root.join(path);
    if found.exists() {
        return Some(found);
    }
    let in_ci = std::env::var("CI").is_ok_and(|v| v == "true" || v == "1");
    assert!(!in_ci, "{} is missing; the sample traces must be there in CI", found.display());
    // The test harness names the thread after the test.
    let test = std::thread::current().name().unwrap_or("a test").to_owned();
    #[expect(clippy::print_stdout, reason = "a skipped test must say so")]
    {
        println!("skipped {test}: {} is missing", found.display());
    }
    None
}
