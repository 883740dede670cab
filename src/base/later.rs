//! A value that comes later: one side waits for it, the other gives it once. Within one thread.

use std::cell::RefCell;
use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll, Waker};

struct State<T> {
    value: Option<T>,
    is_given_up: bool,
    waker: Option<Waker>,
}

/// Gives the value. Dropped without it, the wait ends without one.
pub struct Giver<T>(Rc<RefCell<State<T>>>);

/// Waits for the value; none when the giver is gone.
pub struct Later<T>(Rc<RefCell<State<T>>>);

/// Both sides.
pub fn later<T>() -> (Giver<T>, Later<T>) {
    let state = Rc::new(RefCell::new(State { value: None, is_given_up: false, waker: None }));
    (Giver(Rc::clone(&state)), Later(state))
}

impl<T> Giver<T> {
    /// Ends the wait with `value`.
    pub fn give(self, value: T) {
        self.0.borrow_mut().value = Some(value);
    }
}

impl<T> Drop for Giver<T> {
    fn drop(&mut self) {
        let mut state = self.0.borrow_mut();
        state.is_given_up = true;
        let waker = state.waker.take();
        drop(state);
        if let Some(waker) = waker {
            waker.wake();
        }
    }
}

impl<T> Future for Later<T> {
    type Output = Option<T>;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<T>> {
        let mut state = self.0.borrow_mut();
        if state.is_given_up {
            return Poll::Ready(state.value.take());
        }
        state.waker = Some(context.waker().clone());
        Poll::Pending
    }
}

impl<T> fmt::Debug for Giver<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Giver")
    }
}

impl<T> fmt::Debug for Later<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Later")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn poll<T>(later: &mut Later<T>) -> Poll<Option<T>> {
        Pin::new(later).poll(&mut Context::from_waker(Waker::noop()))
    }

    #[test]
    fn the_wait_ends_with_the_value_or_with_its_giver() {
        let (giver, mut value) = later();
        assert_eq!(poll(&mut value), Poll::Pending);
        giver.give(7);
        assert_eq!(poll(&mut value), Poll::Ready(Some(7)));
        let (giver, mut value) = later::<u8>();
        drop(giver);
        assert_eq!(poll(&mut value), Poll::Ready(None));
    }
}
