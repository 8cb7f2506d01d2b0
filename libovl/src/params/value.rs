// SPDX-License-Identifier: MIT OR Apache-2.0
//! What may be given for the value of a parameter.

/// What a message says where a number was expected.
pub(super) const NUMBERS: &str =
    "a number (decimal, or hexadecimal with 0x), y, yes, on, true, n, no, off, false, up or down";

/// What a message says where bytes were expected.
pub(super) const BYTES: &str = "bytes of two hexadecimal digits each, with or without colons between them";

/// A number as C writes it.
pub(super) fn unsigned(text: &str) -> Option<u64> {
    let (digits, base) = match text.strip_prefix("0x").or_else(|| text.strip_prefix("0X")) {
        Some(digits) => (digits, 16),
        None if text.len() > 1 && text.starts_with('0') => (&text[1..], 8),
        None => (text, 10),
    };
    // from_str_radix takes a sign, which is not to stand here.
    digits.bytes().all(|digit| digit.is_ascii_hexdigit()).then(|| u64::from_str_radix(digits, base).ok())?
}

/// A number, or a word for one: a switch, or where a pull resistor pulls.
pub(super) fn number(text: &str) -> Option<i128> {
    Some(match text {
        "y" | "yes" | "on" | "true" | "down" => 1,
        "n" | "no" | "off" | "false" => 0,
        "up" => 2,
        _ => match text.strip_prefix('-') {
            Some(digits) => -i128::from(unsigned(digits)?),
            None => unsigned(text)?.into(),
        },
    })
}

/// The bytes of a number in so many bits; a negative one as its complement. None if it does not fit.
pub(super) fn bytes_of(number: i128, bits: u8) -> Option<Vec<u8>> {
    let range = -(1i128 << (bits - 1))..1i128 << bits;
    range.contains(&number).then(|| number.to_be_bytes()[16 - usize::from(bits / 8)..].to_vec())
}

/// Bytes in hexadecimal.
pub(super) fn hexadecimal(text: &str) -> Option<Vec<u8>> {
    let mut bytes = Vec::new();
    for run in text.split([':', ' ']) {
        for pair in run.as_bytes().chunks(2) {
            let pair = std::str::from_utf8(pair).ok().filter(|pair| pair.len() == 2)?;
            bytes.push(
                pair.bytes()
                    .all(|digit| digit.is_ascii_hexdigit())
                    .then(|| u8::from_str_radix(pair, 16).ok())??,
            );
        }
    }
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_those_of_c() {
        for (text, is) in [
            ("0", Some(0)),
            ("42", Some(42)),
            ("0x2A", Some(42)),
            ("052", Some(42)),
            ("-1", Some(-1)),
            ("18446744073709551615", Some(u64::MAX.into())),
            ("18446744073709551616", None),
            ("", None),
            ("-", None),
            ("--1", None),
            ("+1", None),
            ("0x", None),
            ("0x+1", None),
            ("08", None),
            ("1 ", None),
            ("up", Some(2)),
            ("down", Some(1)),
            ("off", Some(0)),
        ] {
            assert_eq!(number(text), is, "{text}");
        }
    }

    #[test]
    fn a_number_fits_signed_or_unsigned() {
        assert_eq!(bytes_of(255, 8), Some(vec![255]));
        assert_eq!(bytes_of(-128, 8), Some(vec![128]));
        assert_eq!(bytes_of(256, 8), None);
        assert_eq!(bytes_of(-129, 8), None);
        assert_eq!(bytes_of(0x1234, 16), Some(vec![0x12, 0x34]));
        assert_eq!(bytes_of(u64::MAX.into(), 64), Some(vec![255; 8]));
        assert_eq!(bytes_of(i128::from(u64::MAX) + 1, 64), None);
    }

    #[test]
    fn bytes_come_in_pairs() {
        assert_eq!(hexadecimal("b8:27:EB"), Some(vec![0xb8, 0x27, 0xeb]));
        assert_eq!(hexadecimal("b827eb"), Some(vec![0xb8, 0x27, 0xeb]));
        assert_eq!(hexadecimal(""), Some(vec![]));
        assert_eq!(hexadecimal("b"), None);
        assert_eq!(hexadecimal("b8:2"), None);
        assert_eq!(hexadecimal("+1"), None);
        assert_eq!(hexadecimal("é"), None);
    }
}
