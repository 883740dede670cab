//! When to ask again: only when the backend says that it is busy, and later each time.

/// Attempts in all.
const ATTEMPTS: u32 = 4;

/// The wait before the second attempt.
const FIRST_MILLIS: u32 = 500;

/// No wait is longer, whatever the backend asks for: a person is waiting.
const LONGEST_MILLIS: u32 = 15_000;

/// How long to wait before attempt `attempt + 1`, in milliseconds; none when asking again is of no use.
///
/// `attempt` counts from 1; `retry_after` is the header of that name. Other errors than 429 and 503 stay the same
/// however often one asks, or mean that the request itself is too heavy. `spread` from 0 to 999 is any number that
/// differs between pages, so that they do not all come back at once.
pub fn wait_millis(status: u16, attempt: u32, retry_after: Option<&str>, spread: u32) -> Option<u32> {
    if !matches!(status, 429 | 503) || attempt >= ATTEMPTS {
        return None;
    }
    let asked = retry_after.and_then(|text| text.trim().parse::<u32>().ok()).map(|s| s.saturating_mul(1000));
    let growing = FIRST_MILLIS << attempt.saturating_sub(1).min(8);
    let wait = asked.unwrap_or(growing).max(growing).min(LONGEST_MILLIS);
    Some(wait + wait / 4 * spread.min(999) / 1000)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_busy_backends_are_asked_again_and_ever_later() {
        assert_eq!(wait_millis(500, 1, None, 0), None);
        assert_eq!(wait_millis(404, 1, Some("1"), 0), None);
        assert_eq!(
            (1..=4).map(|n| wait_millis(429, n, None, 0)).collect::<Vec<_>>(),
            [Some(500), Some(1000), Some(2000), None]
        );
        assert_eq!(wait_millis(503, 1, Some("3"), 0), Some(3000));
        assert_eq!(wait_millis(503, 1, Some("3600"), 999), Some(18_746));
        assert_eq!(wait_millis(503, 1, Some("Wed, 21 Oct 2026 07:28:00 GMT"), 0), Some(500));
    }
}
