// SPDX-License-Identifier: MIT OR Apache-2.0
//! Configurations as the kernel wants them: flags for all lines, and ten attributes for what differs (G7).

use super::uapi::{Attribute, ConfigAttribute, Flags, Info, LineConfig};
use super::uapi::{ATTRS, ATTR_DEBOUNCE, ATTR_FLAGS, ATTR_VALUES, LINES};
use crate::config::{Bias, Clock, Config, Direction, Drive, Edge};
use crate::error::{Error, Result};

/// Packs one configuration for each line into what is all zeros.
///
/// The flags that most lines have are everybody's, and each other set of flags is an attribute; so is each debounce period;
/// so are the values of all outputs together, if any begins with 1. Allocates nothing.
pub(crate) fn pack(configs: &[Config], packed: &mut LineConfig) -> Result<()> {
    let Attributes { numbers, .. } = match configs {
        [] => return Ok(()),
        // Without the search for what differs, which takes longer than all the rest.
        [one, others @ ..] if others.iter().all(|other| other == one) => {
            packed.flags = flags(one).bits();
            let all = mask(configs.iter().map(|_| true));
            let mut attributes = Attributes::new(packed);
            if one.value {
                attributes.add(ATTR_VALUES, all, all);
            }
            if one.debounce_us != 0 {
                attributes.add(ATTR_DEBOUNCE, one.debounce_us.into(), all);
            }
            attributes
        }
        _ => differing(configs, packed),
    };
    let all = numbers.iter().sum::<usize>();
    if all > ATTRS {
        let [_, flags, values, periods] = numbers;
        let lines = configs.len();
        return Err(Error::TooBig(format!(
            "the {lines} lines differ in too many ways for one request: {all} attributes, and {ATTRS} is the most (besides the \
             most common configuration {flags} others, {periods} debounce periods, {values} for values)"
        )));
    }
    packed.num_attrs = all as u32;
    Ok(())
}

fn differing<'a>(configs: &[Config], packed: &'a mut LineConfig) -> Attributes<'a> {
    let mut flags = [0; LINES];
    flags.iter_mut().zip(configs).for_each(|(flags, config)| *flags = self::flags(config).bits());
    let flags = &flags[..configs.len()];
    let mut common = (0, 0);
    each_group(flags, |value, lines| {
        if lines.count_ones() > common.1 {
            common = (value, lines.count_ones());
        }
    });
    let (common, _) = common;
    packed.flags = common;

    let mut attributes = Attributes::new(packed);
    each_group(flags, |value, lines| {
        if value != common {
            attributes.add(ATTR_FLAGS, value, lines);
        }
    });
    let values = mask(configs.iter().map(|config| config.value));
    if values != 0 {
        attributes.add(
            ATTR_VALUES,
            values,
            mask(configs.iter().map(|config| config.direction == Direction::Output)),
        );
    }
    let mut periods = [0; LINES];
    periods.iter_mut().zip(configs).for_each(|(period, config)| *period = config.debounce_us.into());
    each_group(&periods[..configs.len()], |period, lines| {
        if period != 0 {
            attributes.add(ATTR_DEBOUNCE, period, lines);
        }
    });
    attributes
}

/// The attributes of a configuration, which are counted also where they do not fit.
struct Attributes<'a> {
    attrs: &'a mut [ConfigAttribute; ATTRS],
    /// How many there are of each kind.
    numbers: [usize; ATTR_DEBOUNCE as usize + 1],
}

impl<'a> Attributes<'a> {
    fn new(packed: &'a mut LineConfig) -> Self {
        Attributes { attrs: &mut packed.attrs, numbers: [0; ATTR_DEBOUNCE as usize + 1] }
    }

    fn add(&mut self, id: u32, value: u64, mask: u64) {
        if let Some(slot) = self.attrs.get_mut(self.numbers.iter().sum::<usize>()) {
            *slot = ConfigAttribute { attr: Attribute { id, padding: 0, value }, mask };
        }
        self.numbers[id as usize] += 1;
    }
}

/// Calls `group` for each value that there is, with the mask of the lines that have it, in order of appearance.
fn each_group(values: &[u64], mut group: impl FnMut(u64, u64)) {
    let mut done = 0u64;
    for (line, &value) in values.iter().enumerate() {
        if done >> line & 1 == 0 {
            let lines = mask(values.iter().map(|&other| other == value));
            done |= lines;
            group(value, lines);
        }
    }
}

/// Bit n for the n-th of `lines` that is true.
pub(crate) fn mask(lines: impl Iterator<Item = bool>) -> u64 {
    lines.enumerate().fold(0, |mask, (line, set)| mask | u64::from(set) << line)
}

fn flags(config: &Config) -> Flags {
    let mut flags = match config.direction {
        Direction::AsIs => Flags::empty(),
        Direction::Input => Flags::INPUT,
        Direction::Output => Flags::OUTPUT,
    };
    flags |= match config.edge {
        Edge::None => Flags::empty(),
        Edge::Rising => Flags::EDGE_RISING,
        Edge::Falling => Flags::EDGE_FALLING,
        Edge::Both => Flags::EDGE_RISING | Flags::EDGE_FALLING,
    };
    flags |= match config.bias {
        Bias::AsIs => Flags::empty(),
        Bias::Disabled => Flags::BIAS_DISABLED,
        Bias::PullUp => Flags::BIAS_PULL_UP,
        Bias::PullDown => Flags::BIAS_PULL_DOWN,
    };
    flags |= match config.drive {
        Drive::PushPull => Flags::empty(),
        Drive::OpenDrain => Flags::OPEN_DRAIN,
        Drive::OpenSource => Flags::OPEN_SOURCE,
    };
    flags |= match config.clock {
        Clock::Monotonic => Flags::empty(),
        Clock::Realtime => Flags::EVENT_CLOCK_REALTIME,
        Clock::Hte => Flags::EVENT_CLOCK_HTE,
    };
    flags.set(Flags::ACTIVE_LOW, config.active_low);
    flags
}

/// The configuration that the kernel tells of a line.
pub(crate) fn unpack(info: &Info) -> Config {
    let flags = Flags::from_bits_retain(info.flags);
    let attrs = info.attrs.iter().take(info.num_attrs as usize);
    let debounce = attrs.clone().find(|attr| attr.id == ATTR_DEBOUNCE);
    let either = |a, b| (flags.contains(a), flags.contains(b));
    Config {
        direction: if flags.contains(Flags::OUTPUT) { Direction::Output } else { Direction::Input },
        edge: match either(Flags::EDGE_RISING, Flags::EDGE_FALLING) {
            (true, true) => Edge::Both,
            (true, false) => Edge::Rising,
            (false, true) => Edge::Falling,
            (false, false) => Edge::None,
        },
        bias: match either(Flags::BIAS_PULL_UP, Flags::BIAS_PULL_DOWN) {
            (true, _) => Bias::PullUp,
            (_, true) => Bias::PullDown,
            _ if flags.contains(Flags::BIAS_DISABLED) => Bias::Disabled,
            _ => Bias::AsIs,
        },
        drive: match either(Flags::OPEN_DRAIN, Flags::OPEN_SOURCE) {
            (true, _) => Drive::OpenDrain,
            (_, true) => Drive::OpenSource,
            _ => Drive::PushPull,
        },
        clock: match either(Flags::EVENT_CLOCK_REALTIME, Flags::EVENT_CLOCK_HTE) {
            (true, _) => Clock::Realtime,
            (_, true) => Clock::Hte,
            _ => Clock::Monotonic,
        },
        active_low: flags.contains(Flags::ACTIVE_LOW),
        // The kernel's union of it and the flags is as wide as those.
        debounce_us: debounce.map_or(0, |attr| attr.value as u32),
        ..Config::default()
    }
}

#[cfg(test)]
mod tests {
    use super::super::uapi::Plain;
    use super::*;
    use proptest::prelude::*;

    /// Configurations whose parts agree: what does not fit the direction is left out.
    fn config() -> impl Strategy<Value = Config> {
        let numbers = (0..3u32, 0..4u32, 0..4u32, 0..3u32, 0..3u32);
        (numbers, any::<(bool, bool)>(), 0..3u32).prop_map(
            |((direction, edge, bias, drive, clock), (active_low, value), debounce_us)| {
                let direction = Direction::from_c(direction).unwrap();
                let (input, output) = (direction == Direction::Input, direction == Direction::Output);
                let config = Config {
                    direction,
                    edge: Edge::from_c(if input { edge } else { 0 }).unwrap(),
                    bias: Bias::from_c(if input || output { bias } else { 0 }).unwrap(),
                    drive: Drive::from_c(if output { drive } else { 0 }).unwrap(),
                    clock: Clock::from_c(clock).unwrap(),
                    active_low,
                    value: output && value,
                    debounce_us: if input { debounce_us } else { 0 },
                    ..Config::default()
                };
                config.check().unwrap();
                config
            },
        )
    }

    /// What line `line` gets of a packed configuration, read as the kernel documents it: the first attribute of a kind that
    /// names the line, else the flags of all.
    fn of_line(packed: &LineConfig, line: usize) -> (u64, Option<u64>, Option<u64>) {
        let attr = |id| {
            let attrs = packed.attrs.iter().take(packed.num_attrs as usize);
            attrs.clone().find(|a| a.attr.id == id && a.mask >> line & 1 == 1).map(|a| a.attr.value)
        };
        let value = attr(ATTR_VALUES).map(|values| values >> line & 1);
        (attr(ATTR_FLAGS).unwrap_or(packed.flags), value, attr(ATTR_DEBOUNCE))
    }

    proptest! {
        #[test]
        fn g7_every_line_gets_its_own_configuration(configs in prop::collection::vec(config(), 1..=64)) {
            let mut packed = LineConfig::zeroed();
            let Ok(()) = pack(&configs, &mut packed) else {
                let kinds: std::collections::BTreeSet<_> = configs.iter().map(|c| flags(c).bits()).collect();
                // Two periods and the values make three attributes at most.
                prop_assert!(kinds.len() - 1 + 3 > ATTRS);
                return Ok(());
            };
            for (line, config) in configs.iter().enumerate() {
                let (got, value, debounce) = of_line(&packed, line);
                prop_assert_eq!(got, flags(config).bits());
                // Where no value is told, an output begins with 0.
                prop_assert_eq!(value.unwrap_or(0), u64::from(config.value));
                prop_assert_eq!(debounce, (config.debounce_us != 0).then_some(u64::from(config.debounce_us)));
            }
        }

        #[test]
        fn what_the_kernel_tells_of_a_line_is_its_configuration(config in config()) {
            prop_assume!(config.direction != Direction::AsIs);
            let mut info = Info { flags: flags(&config).bits(), num_attrs: 1, ..Info::zeroed() };
            info.attrs[0] = Attribute { id: ATTR_DEBOUNCE, padding: 0, value: config.debounce_us.into() };
            prop_assert_eq!(unpack(&info), Config { value: false, ..config });
        }
    }

    #[test]
    fn g7_an_eleventh_attribute_is_too_much() {
        let period = |debounce_us| Config { debounce_us, ..Config::input() };
        let ten: Vec<_> = (1..=10).map(period).collect();
        let mut packed = LineConfig::zeroed();
        pack(&ten, &mut packed).unwrap();
        assert_eq!(packed.num_attrs, 10);
        let eleven: Vec<_> = (1..=11).map(period).collect();
        let error = pack(&eleven, &mut packed).unwrap_err();
        assert_eq!(error.errno(), libc::E2BIG);
        assert!(error.to_string().contains("11 attributes"), "{error}");
    }
}
