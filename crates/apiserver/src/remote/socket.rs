//! What carries a command's input and output: a WebSocket, or the streams of a SPDY connection.

use crate::spdy::{self, Heard, Reader, Writer};
use axum::body::Bytes;
use axum::extract::ws::{CloseFrame, Message, WebSocket, close_code};
use hyper::upgrade::Upgraded;
use hyper_util::rt::TokioIo;
use std::collections::BTreeMap;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::time::{Duration, timeout};

pub(super) const STDIN: u8 = 0;
pub(super) const STDOUT: u8 = 1;
pub(super) const STDERR: u8 = 2;
pub(super) const ERROR: u8 = 3;
pub(super) const RESIZE: u8 = 4;
/// In a WebSocket: followed by the channel that ends.
const CLOSE: u8 = 255;
/// The channels as SPDY's headers name them, in their order.
const NAMES: [&str; 5] = ["stdin", "stdout", "stderr", "error", "resize"];
/// How long a client may take to open its streams, and to go away at the end.
const PATIENCE: Duration = Duration::from_secs(30);
/// How much is read and written at once.
const PIECE: usize = 32 << 10;

/// What a client says.
pub(super) enum Said {
    /// It has typed something.
    Input(Vec<u8>),
    /// It will type no more.
    InputEnds,
    /// Something that means nothing here.
    Nothing,
    /// It has gone away.
    Gone,
}

/// A connection to a client.
pub(super) enum Socket {
    WebSocket(Box<WebSocket>),
    Streams(Box<Streams>),
}

/// A SPDY connection with its streams.
pub(super) struct Streams {
    connection: TokioIo<Upgraded>,
    reader: Reader,
    writer: Writer,
    /// By channel.
    open: BTreeMap<u8, u32>,
    /// The input has ended, and that has not been told yet.
    ended: bool,
    /// What waits to be sent.
    out: Vec<u8>,
}

impl Socket {
    /// Waits for a client to open these channels; none if it does not.
    pub(super) async fn streams(connection: Upgraded, channels: &[u8]) -> Option<Socket> {
        let mut streams = Streams {
            connection: TokioIo::new(connection),
            reader: Reader::new(),
            writer: Writer::default(),
            open: BTreeMap::new(),
            ended: false,
            out: Vec::new(),
        };
        let opened = timeout(PATIENCE, streams.await_channels(channels));
        opened.await.ok().flatten()?;
        Some(Socket::Streams(Box::new(streams)))
    }

    /// What the client says next. Nothing is lost when this is given up before its end.
    pub(super) async fn receive(&mut self) -> Said {
        match self {
            Socket::Streams(streams) => streams.receive().await,
            Socket::WebSocket(socket) => match socket.recv().await {
                Some(Ok(Message::Binary(bytes))) => match bytes.as_ref() {
                    [STDIN, input @ ..] => Said::Input(input.to_vec()),
                    [CLOSE, STDIN, ..] => Said::InputEnds,
                    _ => Said::Nothing,
                },
                Some(Ok(Message::Close(_)) | Err(_)) | None => Said::Gone,
                Some(Ok(_)) => Said::Nothing,
            },
        }
    }

    /// Tells the client something on a channel; none when it has gone away.
    pub(super) async fn send(&mut self, channel: u8, text: &str) -> Option<()> {
        match self {
            Socket::Streams(streams) => {
                let id = streams.open.get(&channel).copied()?;
                for piece in text.as_bytes().chunks(PIECE) {
                    streams.out.extend(spdy::data(id, piece, false));
                }
                streams.flush().await
            }
            Socket::WebSocket(socket) => {
                let mut bytes = Vec::with_capacity(text.len() + 1);
                bytes.push(channel);
                bytes.extend_from_slice(text.as_bytes());
                socket.send(Message::Binary(bytes.into())).await.ok()
            }
        }
    }

    /// A sign of life; and what else waits to be sent.
    pub(super) async fn ping(&mut self) -> Option<()> {
        match self {
            Socket::Streams(streams) => streams.flush().await,
            Socket::WebSocket(socket) => socket.send(Message::Ping(Bytes::new())).await.ok(),
        }
    }

    /// Says how it ended, and goes away.
    pub(super) async fn finish(&mut self, end: &str) -> Option<()> {
        if let Socket::WebSocket(socket) = self {
            let mut bytes = vec![ERROR];
            bytes.extend_from_slice(end.as_bytes());
            socket.send(Message::Binary(bytes.into())).await.ok()?;
            let close = CloseFrame {
                code: close_code::NORMAL,
                reason: "".into(),
            };
            return socket.send(Message::Close(Some(close))).await.ok();
        }
        let Socket::Streams(streams) = self else {
            return None;
        };
        let id = streams.open.get(&ERROR).copied()?;
        streams.out.extend(spdy::data(id, end.as_bytes(), true));
        for channel in [STDOUT, STDERR] {
            if let Some(id) = streams.open.get(&channel) {
                streams.out.extend(spdy::data(*id, b"", true));
            }
        }
        streams.flush().await?;
        // The client reads the rest and closes.
        let gone = async { while !matches!(streams.receive().await, Said::Gone) {} };
        timeout(PATIENCE, gone).await.ok()
    }
}

impl Streams {
    async fn await_channels(&mut self, channels: &[u8]) -> Option<()> {
        while !channels
            .iter()
            .all(|channel| self.open.contains_key(channel))
        {
            match self.reader.next().ok()? {
                Some(Heard::Stream { id, headers, .. }) => self.begin(id, &headers),
                Some(Heard::Ping { id }) => self.out.extend(spdy::ping(id)),
                Some(Heard::GoAway) => return None,
                Some(Heard::Data { .. } | Heard::Reset { .. }) => {}
                None => {
                    self.flush().await?;
                    self.read().await?;
                }
            }
        }
        self.flush().await
    }

    fn begin(&mut self, id: u32, headers: &[(String, String)]) {
        self.out.extend(self.writer.reply(id));
        let named = headers.iter().find(|(name, _)| name == "streamtype");
        let place = named.and_then(|(_, of)| NAMES.iter().position(|name| name == of));
        let channel = place.and_then(|place| u8::try_from(place).ok());
        if let Some(channel) = channel {
            self.open.insert(channel, id);
        }
    }

    async fn receive(&mut self) -> Said {
        if std::mem::take(&mut self.ended) {
            return Said::InputEnds;
        }
        loop {
            match self.reader.next() {
                Ok(Some(Heard::Data { id, bytes, ends })) if self.is_input(id) => {
                    if bytes.is_empty() {
                        return if ends { Said::InputEnds } else { Said::Nothing };
                    }
                    self.ended = ends;
                    return Said::Input(bytes);
                }
                Ok(Some(Heard::Ping { id })) => {
                    self.out.extend(spdy::ping(id));
                    if self.flush().await.is_none() {
                        return Said::Gone;
                    }
                }
                Ok(Some(Heard::GoAway)) | Err(_) => return Said::Gone,
                Ok(Some(_)) => {}
                Ok(None) => {
                    if self.read().await.is_none() {
                        return Said::Gone;
                    }
                }
            }
        }
    }

    fn is_input(&self, id: u32) -> bool {
        self.open.get(&STDIN) == Some(&id)
    }

    async fn read(&mut self) -> Option<()> {
        let mut bytes = vec![0; PIECE];
        let length = self.connection.read(&mut bytes).await.ok()?;
        self.reader.push(&bytes[..length]);
        (length > 0).then_some(())
    }

    /// Sends what waits; what was not sent yet when this is given up stays.
    async fn flush(&mut self) -> Option<()> {
        while !self.out.is_empty() {
            let sent = self.connection.write(&self.out).await.ok()?;
            if sent == 0 {
                return None;
            }
            self.out.drain(..sent);
        }
        self.connection.flush().await.ok()
    }
}
