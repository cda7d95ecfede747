//! Base64 variable-length quantities (ECMA-426): five bits per character, lowest first, the sign in
//! the lowest bit.

const CONTINUES: u8 = 0x20;
const NO_DIGIT: u8 = 0xff;
/// Enough for 32 bits and a sign.
const DIGITS_MAX: u32 = 7;

const DIGITS: [u8; 256] = digits();

const fn digits() -> [u8; 256] {
    let alphabet = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut table = [NO_DIGIT; 256];
    let mut value = 0;
    while value < alphabet.len() {
        table[alphabet[value] as usize] = value as u8;
        value += 1;
    }
    table
}

/// Decodes the number at the start of `text`: its value and how many bytes it takes.
pub(super) fn decode(text: &[u8]) -> Result<(i64, u32), &'static str> {
    let mut bits: u64 = 0;
    let mut length = 0;
    loop {
        let byte = *text.get(length as usize).ok_or("it ends within a number")?;
        let digit = match byte {
            b',' | b';' => return Err("it ends within a number"),
            _ => DIGITS[usize::from(byte)],
        };
        if digit == NO_DIGIT {
            return Err("a character that is not base64");
        }
        if length == DIGITS_MAX {
            return Err("a number above 2^32");
        }
        bits |= u64::from(digit & !CONTINUES) << (5 * length);
        length += 1;
        if digit & CONTINUES == 0 {
            break;
        }
    }
    let magnitude = (bits >> 1) as i64;
    Ok((if bits & 1 == 1 { -magnitude } else { magnitude }, length))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_of_both_signs_and_several_digits() {
        assert_eq!(decode(b"A"), Ok((0, 1)));
        assert_eq!(decode(b"C"), Ok((1, 1)));
        assert_eq!(decode(b"D,A"), Ok((-1, 1)));
        assert_eq!(decode(b"gB"), Ok((16, 2)));
        assert_eq!(decode(b"hBA"), Ok((-16, 2)));
        assert_eq!(decode(b"+/////D"), Ok(((1 << 31) - 1, 7)));
    }

    #[test]
    fn what_is_no_number_is_an_error() {
        for text in [&b""[..], b"g", b"g,", b"\xff", b"gggggggA"] {
            assert!(decode(text).is_err(), "{text:?}");
        }
    }
}
