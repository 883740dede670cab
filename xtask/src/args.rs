//! Options of a command: `--flag` and `--name value`, nothing more, so no parser crate is worth its build.

use std::str::FromStr;

use anyhow::{Context, Result, bail};

/// What stands after the command's name; each option is taken out once, and `finish` refuses the rest.
pub(crate) struct Args(Vec<String>);

impl Args {
    pub(crate) fn new(given: Vec<String>) -> Self {
        Self(given)
    }

    /// Whether `--name` was given.
    pub(crate) fn flag(&mut self, name: &str) -> bool {
        let at = self.0.iter().position(|given| given == name);
        if let Some(at) = at {
            self.0.remove(at);
        }
        at.is_some()
    }

    /// The value behind `--name` or in `--name=value`.
    pub(crate) fn value<T: FromStr>(&mut self, name: &str) -> Result<Option<T>> {
        let joined = format!("{name}=");
        let text = if let Some(at) = self.0.iter().position(|given| given == name) {
            self.0.remove(at);
            if at == self.0.len() {
                bail!("{name} needs a value");
            }
            self.0.remove(at)
        } else if let Some(at) = self.0.iter().position(|given| given.starts_with(&joined)) {
            self.0.remove(at).split_off(joined.len())
        } else {
            return Ok(None);
        };
        text.parse().ok().with_context(|| format!("{name} cannot be {text}")).map(Some)
    }

    /// Refuses whatever no option has taken.
    pub(crate) fn finish(self) -> Result<()> {
        match self.0.first() {
            Some(unknown) => bail!("unknown option: {unknown}"),
            None => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn args(text: &str) -> Args {
        Args::new(text.split_whitespace().map(str::to_owned).collect())
    }

    #[test]
    fn takes_each_option_once() {
        let mut args = args("--open --port 80 --prefix=/a/");
        assert!(args.flag("--open"));
        assert!(!args.flag("--dev"));
        assert_eq!(args.value::<u16>("--port").unwrap(), Some(80));
        assert_eq!(args.value::<String>("--prefix").unwrap().as_deref(), Some("/a/"));
        assert_eq!(args.value::<String>("--only").unwrap(), None);
        args.finish().unwrap();
    }

    #[test]
    fn refuses_what_it_does_not_know() {
        assert!(args("--prot 80").finish().is_err());
        assert!(args("--port").value::<u16>("--port").is_err());
        assert!(args("--port x").value::<u16>("--port").is_err());
    }
}
