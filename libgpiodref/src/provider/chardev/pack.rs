// SPDX-License-Identifier: MIT OR Apache-2.0
//! Configurations as the kernel wants them: flags for all lines, and ten attributes for what differs (G7).

use super::uapi::{Attribute, ConfigAttribute, Flags, Info, LineConfig, Plain};
use super::uapi::{ATTRS, ATTR_DEBOUNCE, ATTR_FLAGS, ATTR_VALUES};
use crate::config::{Bias, Clock, Config, Direction, Drive, Edge};
use crate::error::{Error, Result};

/// Packs one configuration for each line.
///
/// The flags that most lines have are everybody's, and each other set of flags is an attribute; so is each debounce period;
/// so are the values of all outputs together.
pub(crate) fn pack(configs: &[Config]) -> Result<LineConfig> {
    let all = mask(configs.iter().map(|_| true));
    let flags = grouped(configs, |config| Some(flags(config).bits()));
    let common = flags.iter().max_by_key(|(_, lines)| lines.count_ones()).map_or(0, |(flags, _)| *flags);
    let own =
        flags.iter().filter(|(flags, _)| *flags != common).map(|&(flags, lines)| (ATTR_FLAGS, flags, lines));
    let debounce =
        grouped(configs, |config| (config.debounce_us != 0).then_some(u64::from(config.debounce_us)));
    let outputs = mask(configs.iter().map(|config| config.direction == Direction::Output));
    let values = mask(configs.iter().map(|config| config.value));
    let values = (outputs != 0).then_some((ATTR_VALUES, values, outputs));
    let debounce = debounce.into_iter().map(|(period, lines)| (ATTR_DEBOUNCE, period, lines));
    let attributes: Vec<_> = own.chain(values).chain(debounce).collect();

    let mut packed = LineConfig { flags: common, ..LineConfig::zeroed() };
    if attributes.len() > ATTRS {
        let number = |id| attributes.iter().filter(|(of, ..)| *of == id).count();
        return Err(Error::TooBig(format!(
            "the {} lines differ in too many ways for one request: {} attributes, and {ATTRS} is the most (besides the most \
             common configuration {} others, {} debounce periods, {} for values)",
            all.count_ones(),
            attributes.len(),
            number(ATTR_FLAGS),
            number(ATTR_DEBOUNCE),
            number(ATTR_VALUES)
        )));
    }
    packed.num_attrs = attributes.len() as u32;
    for (slot, &(id, value, mask)) in packed.attrs.iter_mut().zip(&attributes) {
        *slot = ConfigAttribute { attr: Attribute { id, padding: 0, value }, mask };
    }
    Ok(packed)
}

/// Each value that lines have, with the mask of those lines, in order of appearance.
fn grouped(configs: &[Config], of: impl Fn(&Config) -> Option<u64>) -> Vec<(u64, u64)> {
    let mut groups: Vec<(u64, u64)> = Vec::new();
    for (line, value) in configs.iter().map(of).enumerate().filter_map(|(line, value)| Some((line, value?))) {
        match groups.iter_mut().find(|(known, _)| *known == value) {
            Some((_, lines)) => *lines |= 1 << line,
            None => groups.push((value, 1 << line)),
        }
    }
    groups
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
            let Ok(packed) = pack(&configs) else {
                let kinds: std::collections::BTreeSet<_> = configs.iter().map(|c| flags(c).bits()).collect();
                // Two periods and the values make three attributes at most.
                prop_assert!(kinds.len() - 1 + 3 > ATTRS);
                return Ok(());
            };
            for (line, config) in configs.iter().enumerate() {
                let (got, value, debounce) = of_line(&packed, line);
                prop_assert_eq!(got, flags(config).bits());
                let output = config.direction == Direction::Output;
                prop_assert_eq!(value, output.then_some(u64::from(config.value)));
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
        assert_eq!(pack(&ten).ok().unwrap().num_attrs, 10);
        let eleven: Vec<_> = (1..=11).map(period).collect();
        let error = pack(&eleven).err().unwrap();
        assert_eq!(error.errno(), libc::E2BIG);
        assert!(error.to_string().contains("11 attributes"), "{error}");
    }
}
