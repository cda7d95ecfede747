//! Length-delimited messages: each after its length in bytes as a varint, as protobuf's `writeDelimitedTo` has it.

use std::io::{ErrorKind, Read, Write};

use prost::Message;

/// The largest message that is read: what sdk-core's client accepts from a server in one answer.
pub const MESSAGE_BYTES_MAX: u64 = 128 << 20;

/// A varint of 64 bits has at most this many bytes.
const VARINT_BYTES_MAX: u32 = 10;

/// Why the input is no sequence of messages. `index` counts messages from 1, `offset` bytes from 0.
#[derive(Debug, thiserror::Error)]
pub enum FrameError {
    /// The input ends inside of a message.
    #[error(
        "standard input ends inside of message {index}, which begins at byte {offset}: {missing}; send whole messages, \
         each after its length as a varint"
    )]
    Truncated {
        index: u64,
        offset: u64,
        missing: String,
    },
    /// The length has more bytes than a varint of 64 bits.
    #[error(
        "message {index} at byte {offset} of standard input begins with no length: a varint has at most 10 bytes; send \
         each message after its length as a varint"
    )]
    Length { index: u64, offset: u64 },
    /// The length is more than anything that a server sends.
    #[error(
        "message {index} at byte {offset} of standard input claims {bytes} bytes, more than {MESSAGE_BYTES_MAX}; send \
         each message after its length as a varint"
    )]
    TooLarge { index: u64, offset: u64, bytes: u64 },
    /// The bytes are no message of the type.
    #[error(
        "message {index} at byte {offset} of standard input is no {type_name}: {reason}; send messages of that type"
    )]
    Message {
        index: u64,
        offset: u64,
        type_name: &'static str,
        reason: String,
    },
    /// The input cannot be read.
    #[error("standard input cannot be read at message {index}, byte {offset}: {reason}")]
    Io {
        index: u64,
        offset: u64,
        reason: std::io::Error,
    },
}

/// Reads messages one after the other.
#[derive(Debug)]
pub struct FrameReader<R> {
    input: R,
    /// Bytes read so far.
    read: u64,
    /// Where the message that is being read begins.
    offset: u64,
    /// Messages begun so far.
    index: u64,
}

impl<R: Read> FrameReader<R> {
    /// Reads from the start of `input`.
    pub fn new(input: R) -> Self {
        Self {
            input,
            read: 0,
            offset: 0,
            index: 0,
        }
    }

    /// The next message; nothing at the end of the input. After an error the rest of the input has no meaning.
    ///
    /// # Errors
    /// When the input ends inside of a message or is no message of this type.
    pub fn next<M: Message + Default>(
        &mut self,
        type_name: &'static str,
    ) -> Result<Option<M>, FrameError> {
        self.offset = self.read;
        self.index += 1;
        let Some(length) = self.length()? else {
            return Ok(None);
        };
        let bytes = self.bytes(length)?;
        M::decode(bytes.as_slice())
            .map(Some)
            .map_err(|error| FrameError::Message {
                index: self.index,
                offset: self.offset,
                type_name,
                reason: error.to_string(),
            })
    }

    fn length(&mut self) -> Result<Option<u64>, FrameError> {
        let (index, offset) = (self.index, self.offset);
        let mut length = 0_u64;
        for count in 0..VARINT_BYTES_MAX {
            let Some(byte) = self.byte()? else {
                if count == 0 {
                    return Ok(None);
                }
                let missing = "its length is cut off".to_owned();
                return Err(self.truncated(missing));
            };
            // The tenth byte has one bit of the number; more do not fit.
            if count == VARINT_BYTES_MAX - 1 && byte > 1 {
                break;
            }
            length |= u64::from(byte & 0x7f) << (7 * count);
            if byte & 0x80 == 0 {
                if length > MESSAGE_BYTES_MAX {
                    let bytes = length;
                    return Err(FrameError::TooLarge {
                        index,
                        offset,
                        bytes,
                    });
                }
                return Ok(Some(length));
            }
        }
        Err(FrameError::Length { index, offset })
    }

    fn byte(&mut self) -> Result<Option<u8>, FrameError> {
        let mut byte = [0];
        loop {
            match self.input.read(&mut byte) {
                Ok(0) => return Ok(None),
                Ok(_) => {
                    self.read += 1;
                    return Ok(Some(byte[0]));
                }
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(reason) => return Err(self.unreadable(reason)),
            }
        }
    }

    /// Memory grows with what arrives, not with what was announced.
    fn bytes(&mut self, length: u64) -> Result<Vec<u8>, FrameError> {
        let mut bytes = Vec::new();
        let copied = (&mut self.input).take(length).read_to_end(&mut bytes);
        let count = copied.map_err(|reason| self.unreadable(reason))? as u64;
        self.read += count;
        if count < length {
            let missing = format!("{count} of its {length} bytes are there");
            return Err(self.truncated(missing));
        }
        Ok(bytes)
    }

    fn truncated(&self, missing: String) -> FrameError {
        FrameError::Truncated {
            index: self.index,
            offset: self.offset,
            missing,
        }
    }

    fn unreadable(&self, reason: std::io::Error) -> FrameError {
        FrameError::Io {
            index: self.index,
            offset: self.offset,
            reason,
        }
    }
}

/// Writes one message after its length and flushes.
///
/// # Errors
/// What the output says.
pub fn write_frame(output: &mut impl Write, message: &impl Message) -> std::io::Result<()> {
    output.write_all(&message.encode_length_delimited_to_vec())?;
    output.flush()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::bridge::fuzzing::{activation, check_frames, frames, read_all, written};

    #[test]
    fn what_is_written_is_read() {
        let messages = [
            activation("a"),
            activation(""),
            activation(&"x".repeat(300)),
        ];
        assert_eq!(read_all(&written(&messages)).unwrap(), messages);
        assert_eq!(read_all(&[]).unwrap(), []);
    }

    #[test]
    fn an_end_inside_of_a_message_names_its_place() {
        let bytes = written(&[activation("a"), activation("b")]);
        let error = read_all(&bytes[..bytes.len() - 1]).unwrap_err();
        assert!(
            matches!(&error, FrameError::Truncated { index: 2, offset: 4, missing } if missing == "2 of its 3 bytes are there"),
            "{error}"
        );
        let error = read_all(&[0x80]).unwrap_err();
        assert!(matches!(
            error,
            FrameError::Truncated {
                index: 1,
                offset: 0,
                ..
            }
        ));
    }

    #[test]
    fn a_length_that_nobody_sends_is_refused_before_its_bytes_are_read() {
        let mut bytes = vec![0x80, 0x80, 0x80, 0x80, 0x01];
        bytes.extend([0; 8]);
        let error = read_all(&bytes).unwrap_err();
        assert!(
            matches!(
                error,
                FrameError::TooLarge {
                    bytes: 268_435_456,
                    ..
                }
            ),
            "{error}"
        );
    }

    #[test]
    fn a_length_that_never_ends_is_none() {
        for last in [0x02, 0x80, 0xff] {
            let mut bytes = vec![0xff; 9];
            bytes.extend([last, 0]);
            let error = read_all(&bytes).unwrap_err();
            assert!(matches!(error, FrameError::Length { .. }), "{error}");
        }
    }

    #[test]
    fn bytes_that_are_no_message_name_the_type() {
        let error = read_all(&[2, 0xff, 0xff]).unwrap_err();
        assert!(matches!(
            error,
            FrameError::Message {
                type_name: "WorkflowActivation",
                ..
            }
        ));
    }

    proptest! {
        #[test]
        fn arbitrary_bytes_end_in_messages_or_an_error(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
            check_frames(&bytes);
        }

        #[test]
        fn cut_frames_end_in_messages_or_an_error(bytes in frames()) {
            check_frames(&bytes);
        }

        #[test]
        fn a_cut_anywhere_is_an_error_or_falls_between_messages(
            run_ids in prop::collection::vec("[a-z]{0,40}", 0..5),
            cut in any::<prop::sample::Index>(),
        ) {
            let messages: Vec<_> = run_ids.iter().map(|run_id| activation(run_id)).collect();
            let bytes = written(&messages);
            let cut = cut.index(bytes.len() + 1);
            let complete = (0..=messages.len()).find(|count| written(&messages[..*count]).len() == cut);
            match (read_all(&bytes[..cut]), complete) {
                (Ok(read), Some(count)) => prop_assert_eq!(&read[..], &messages[..count]),
                (Err(FrameError::Truncated { .. }), None) => {}
                (read, _) => prop_assert!(false, "cut at {}: {:?}", cut, read),
            }
        }
    }
}
