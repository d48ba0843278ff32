//! The frames of SPDY/3.1, as far as kubectl's connections to pods use them.
//!
//! Upstream: `github.com/moby/spdystream/spdy`. There is no flow control in it, and so there is none here.

use crate::answer::Answer;
use axum::body::Body;
use axum::http::header::{CONNECTION, UPGRADE};
use axum::http::request::Parts;
use axum::http::{HeaderName, HeaderValue, StatusCode};
use hyper::upgrade::OnUpgrade;
use miniz_oxide::inflate::TINFLStatus;
use miniz_oxide::inflate::core::inflate_flags::TINFL_FLAG_HAS_MORE_INPUT;
use miniz_oxide::inflate::core::{DecompressorOxide, decompress};
use std::sync::OnceLock;

/// What a connection changes into.
const NAME: &str = "SPDY/3.1";
/// What is spoken in its streams.
const PROTOCOL: HeaderName = HeaderName::from_static("x-stream-protocol-version");

const VERSION: u16 = 0x8003;
const SYN_STREAM: u16 = 1;
const SYN_REPLY: u16 = 2;
const RST_STREAM: u16 = 3;
const PING: u16 = 6;
const GO_AWAY: u16 = 7;
const FIN: u8 = 1;
/// What stands before the content of every frame.
const HEAD: usize = 8;
/// The largest frame that is read: kubectl copies in pieces of 32 KiB.
const LARGEST_FRAME: usize = 1 << 20;
/// The most bytes that the headers of one stream may come to.
const LARGEST_HEADERS: usize = 64 << 10;
/// How far back compressed text may refer.
const WINDOW: usize = 32 << 10;
/// What both ends know before the first header: words with their lengths, and a tail.
const DICTIONARY: &str = include_str!("spdy/dictionary.txt");

/// Lets a request's connection change: what it becomes, and the answer that says so. None if that is not what the client asked for.
pub(crate) fn upgrade(parts: &mut Parts, protocol: &'static str) -> Option<(OnUpgrade, Answer)> {
    let wanted = parts.headers.get(UPGRADE)?.to_str().ok()?;
    if !wanted.eq_ignore_ascii_case(NAME) {
        return None;
    }
    let upgrade = parts.extensions.remove::<OnUpgrade>()?;
    let mut answer = Answer::new(Body::empty());
    *answer.status_mut() = StatusCode::SWITCHING_PROTOCOLS;
    for (name, value) in [
        (CONNECTION, "Upgrade"),
        (UPGRADE, NAME),
        (PROTOCOL, protocol),
    ] {
        answer
            .headers_mut()
            .insert(name, HeaderValue::from_static(value));
    }
    Some((upgrade, answer))
}

/// What a client says.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Heard {
    /// A stream begins, with its headers.
    Stream {
        id: u32,
        headers: Vec<(String, String)>,
        ends: bool,
    },
    /// Bytes on a stream.
    Data { id: u32, bytes: Vec<u8>, ends: bool },
    /// A stream is given up.
    Reset { id: u32 },
    /// A sign of life, to be sent back.
    Ping { id: u32 },
    /// The connection is given up.
    GoAway,
}

/// Reads frames out of bytes as they come.
pub(crate) struct Reader {
    bytes: Vec<u8>,
    inflater: Inflater,
}

impl Reader {
    pub(crate) fn new() -> Reader {
        Reader {
            bytes: Vec::new(),
            inflater: Inflater::new(),
        }
    }

    /// Takes what has come.
    pub(crate) fn push(&mut self, bytes: &[u8]) {
        self.bytes.extend_from_slice(bytes);
    }

    /// The next whole frame that means something here.
    ///
    /// # Errors
    /// What has come is no SPDY: the connection is of no use any more.
    pub(crate) fn next(&mut self) -> Result<Option<Heard>, String> {
        loop {
            let Some((head, rest)) = self.bytes.split_at_checked(HEAD) else {
                return Ok(None);
            };
            let length = usize::try_from(number(&head[4..]) & 0xff_ffff).unwrap_or(usize::MAX);
            if length > LARGEST_FRAME {
                return Err(format!("a frame of {length} bytes"));
            }
            let Some(content) = rest.get(..length) else {
                return Ok(None);
            };
            let (first, flags) = (number(head), head[4]);
            let content = content.to_vec();
            self.bytes.drain(..HEAD + length);
            if first >> 31 == 0 {
                return Ok(Some(Heard::Data {
                    id: first,
                    bytes: content,
                    ends: flags & FIN != 0,
                }));
            }
            if first >> 16 != u32::from(VERSION) {
                return Err("another version of SPDY than 3".to_owned());
            }
            if let Some(heard) = self.control(first as u16, flags, &content)? {
                return Ok(Some(heard));
            }
        }
    }

    fn control(&mut self, of: u16, flags: u8, content: &[u8]) -> Result<Option<Heard>, String> {
        let id = || match content.get(..4) {
            Some(bytes) => Ok(number(bytes) & 0x7fff_ffff),
            None => Err("half a frame".to_owned()),
        };
        Ok(Some(match of {
            SYN_STREAM => {
                let block = content.get(10..).ok_or("half a frame")?;
                let block = self.inflater.inflate(block)?;
                Heard::Stream {
                    id: id()?,
                    headers: headers(&block).ok_or("half a header")?,
                    ends: flags & FIN != 0,
                }
            }
            RST_STREAM => Heard::Reset { id: id()? },
            PING => Heard::Ping {
                id: number(content.get(..4).ok_or("half a frame")?),
            },
            GO_AWAY => Heard::GoAway,
            _ => return Ok(None),
        }))
    }
}

fn number(bytes: &[u8]) -> u32 {
    let first = bytes.iter().take(4);
    first.fold(0, |number, byte| number << 8 | u32::from(*byte))
}

/// The pairs of a block of headers.
fn headers(block: &[u8]) -> Option<Vec<(String, String)>> {
    let count = number(block.get(..4)?);
    let mut pairs = Vec::new();
    let mut rest = block.get(4..)?;
    let mut word = || {
        let (length, tail) = rest.split_at_checked(4)?;
        let (word, tail) = tail.split_at_checked(usize::try_from(number(length)).ok()?)?;
        rest = tail;
        Some(String::from_utf8_lossy(word).into_owned())
    };
    for _ in 0..count {
        pairs.push((word()?, word()?));
    }
    Some(pairs)
}

/// Undoes the compression that goes on from header to header of a connection.
struct Inflater {
    state: Box<DecompressorOxide>,
    window: Vec<u8>,
    at: usize,
    begun: bool,
}

impl Inflater {
    fn new() -> Inflater {
        let mut window = vec![0; WINDOW];
        let known = dictionary();
        window[..known.len()].copy_from_slice(known);
        Inflater {
            state: Box::default(),
            window,
            at: known.len(),
            begun: false,
        }
    }

    fn inflate(&mut self, mut input: &[u8]) -> Result<Vec<u8>, String> {
        if !std::mem::replace(&mut self.begun, true) {
            // Two bytes of zlib, and four that name the dictionary.
            input = input.get(6..).ok_or("half a header")?;
        }
        let mut output = Vec::new();
        loop {
            let flags = TINFL_FLAG_HAS_MORE_INPUT;
            let (status, read, written) =
                decompress(&mut self.state, input, &mut self.window, self.at, flags);
            output.extend_from_slice(&self.window[self.at..self.at + written]);
            self.at = (self.at + written) % WINDOW;
            input = &input[read..];
            match status {
                TINFLStatus::HasMoreOutput if output.len() <= LARGEST_HEADERS => {}
                TINFLStatus::NeedsMoreInput if output.len() <= LARGEST_HEADERS => {
                    return Ok(output);
                }
                _ => return Err("headers that cannot be read".to_owned()),
            }
        }
    }
}

fn dictionary() -> &'static [u8] {
    static BYTES: OnceLock<Vec<u8>> = OnceLock::new();
    BYTES.get_or_init(|| {
        let (words, tail) = DICTIONARY.split_once("\n\n").unwrap_or_default();
        let mut bytes = Vec::new();
        for word in words.lines() {
            bytes.extend((word.len() as u32).to_be_bytes());
            bytes.extend(word.bytes());
        }
        bytes.extend(tail.trim_end_matches('\n').bytes());
        bytes
    })
}

/// Writes frames.
#[derive(Default)]
pub(crate) struct Writer {
    replied: bool,
}

impl Writer {
    /// Accepts a stream, without headers.
    pub(crate) fn reply(&mut self, id: u32) -> Vec<u8> {
        let mut content = id.to_be_bytes().to_vec();
        if !std::mem::replace(&mut self.replied, true) {
            // zlib, without a dictionary.
            content.extend([0x78, 0x01]);
        }
        // A block that is not compressed: no headers. An empty one behind it is what makes a reader hand on what it has.
        content.extend([0, 4, 0, 0xfb, 0xff, 0, 0, 0, 0]);
        content.extend([0, 0, 0, 0xff, 0xff]);
        control(SYN_REPLY, &content)
    }
}

/// Bytes on a stream.
pub(crate) fn data(id: u32, bytes: &[u8], ends: bool) -> Vec<u8> {
    let mut frame = id.to_be_bytes().to_vec();
    let flags = if ends { u32::from(FIN) << 24 } else { 0 };
    frame.extend((flags | bytes.len() as u32 & 0xff_ffff).to_be_bytes());
    frame.extend(bytes);
    frame
}

/// Sends a sign of life back.
pub(crate) fn ping(id: u32) -> Vec<u8> {
    control(PING, &id.to_be_bytes())
}

fn control(of: u16, content: &[u8]) -> Vec<u8> {
    let mut frame = VERSION.to_be_bytes().to_vec();
    frame.extend(of.to_be_bytes());
    frame.extend((content.len() as u32).to_be_bytes());
    frame.extend(content);
    frame
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What kubectl 1.36.3 sends first for a connection to port 80: the stream of errors, its end, and the stream of data.
    const KUBECTL: &str = include_str!("spdy/kubectl.hex");

    fn sent() -> Vec<u8> {
        let digits: Vec<u8> = KUBECTL.bytes().filter(u8::is_ascii_hexdigit).collect();
        let pairs = digits
            .chunks(2)
            .map(|pair| String::from_utf8_lossy(pair).into_owned());
        pairs
            .map(|pair| u8::from_str_radix(&pair, 16).expect("hex"))
            .collect()
    }

    fn all(reader: &mut Reader) -> Vec<Heard> {
        std::iter::from_fn(|| reader.next().expect("SPDY")).collect()
    }

    #[test]
    fn what_kubectl_sends_is_understood_in_any_pieces() {
        let stream = |id, of: &str| Heard::Stream {
            id,
            headers: [("port", "80"), ("requestid", "0"), ("streamtype", of)]
                .map(|(name, value)| (name.to_owned(), value.to_owned()))
                .to_vec(),
            ends: false,
        };
        let end = Heard::Data {
            id: 1,
            bytes: Vec::new(),
            ends: true,
        };
        let want = [stream(1, "error"), end, stream(3, "data")];
        for size in [1, 7, 4_096] {
            let mut reader = Reader::new();
            let mut heard = Vec::new();
            for piece in sent().chunks(size) {
                reader.push(piece);
                heard.extend(all(&mut reader));
            }
            for one in &mut heard {
                if let Heard::Stream { headers, .. } = one {
                    headers.sort();
                }
            }
            assert_eq!(heard, want);
        }
    }

    #[test]
    fn nonsense_is_an_error_and_never_a_panic() {
        let sent = sent();
        for at in 0..sent.len() {
            for bit in 0..8 {
                let mut bytes = sent.clone();
                bytes[at] ^= 1 << bit;
                let mut reader = Reader::new();
                reader.push(&bytes);
                while let Ok(Some(_)) = reader.next() {}
            }
        }
    }

    #[test]
    fn frames_have_their_form() {
        let table = [
            (ping(7), vec![0x80, 3, 0, 6, 0, 0, 0, 4, 0, 0, 0, 7]),
            (
                data(3, b"hi", true),
                vec![0, 0, 0, 3, 1, 0, 0, 2, b'h', b'i'],
            ),
            (data(3, b"", false), vec![0, 0, 0, 3, 0, 0, 0, 0]),
        ];
        for (frame, want) in table {
            assert_eq!(frame, want);
        }
        let mut writer = Writer::default();
        assert_eq!(writer.reply(1).len(), 8 + 4 + 2 + 14);
        assert_eq!(writer.reply(3).len(), 8 + 4 + 14);
    }
}
