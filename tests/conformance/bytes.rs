//! Law: no answer, whatever its bytes, makes an adapter panic, and nothing damaged enough to lose its sense is success. Seeded and bounded.

use lienthong_core::fault::Retry;

use crate::bench::Bench;
use crate::server::{Raw, Step};
use crate::subject::Ask;
use crate::subjects::all;

/// Mutated answers per operation.
const ROUNDS: u64 = 400;

/// SplitMix64: the same seed means the same run for ever.
pub(crate) struct Chance(u64);

impl Chance {
    pub(crate) fn new(seed: u64) -> Self {
        Self(seed)
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    fn below(&mut self, limit: usize) -> usize {
        usize::try_from(self.next() % (limit.max(1) as u64)).unwrap()
    }
}

/// Pieces that parsers stumble over.
const PIECES: [&[u8]; 16] = [
    b"\0",
    b"\xff\xfe",
    b"\xef\xbb\xbf",
    b"\"",
    b"{",
    b"]}",
    b"null",
    b"-1e999",
    b"99999999999999999999",
    b"<!DOCTYPE a [<!ENTITY b \"c\">]>",
    b"&b;",
    b"<![CDATA[",
    b"]]>",
    b"<a xmlns:x=\"\">",
    "e\u{301}\u{202e}".as_bytes(),
    b"2014/02/30",
];

/// Some damage: bytes changed, cut, doubled, exchanged or put in.
pub(crate) fn damaged(original: &[u8], chance: &mut Chance) -> Vec<u8> {
    let mut bytes = original.to_vec();
    for _ in 0..=chance.below(3) {
        let at = chance.below(bytes.len() + 1);
        let until = (at + chance.below(40)).min(bytes.len());
        match chance.below(6) {
            0 => bytes.truncate(at),
            1 => drop(bytes.drain(at..until)),
            2 => {
                let again = bytes[at..until].to_vec();
                bytes.splice(at..at, again);
            }
            3 => bytes.iter_mut().skip(at).take(1).for_each(|byte| *byte ^= 1 << chance.below(8)),
            4 => bytes[at..until].reverse(),
            _ => {
                let piece = PIECES[chance.below(PIECES.len())];
                bytes.splice(at..at, piece.iter().copied());
            }
        }
    }
    bytes
}

async fn survives(subject: &std::sync::Arc<dyn crate::subject::Subject>, ask: &Ask, seed: u64) {
    let bench = Bench::new(subject.clone()).await;
    bench.call(ask).await.unwrap();
    let good = bench.subject.good(&bench.server.last_call().unwrap());
    let mut chance = Chance::new(seed);
    for round in 0..ROUNDS {
        let body = damaged(&good.body, &mut chance);
        bench.server.calls_get([Step::Say(Raw { body: body.clone(), ..good.clone() })]);
        let cx = bench.context(crate::bench::PATIENCE);
        match bench.call_in(&cx, ask).await {
            Ok(_) => {}
            Err(fault) => {
                // Whatever is said of us or of the data may be true; what may not happen is that it is sent again as if never sent.
                let told = bench.says(&format!("{} round {round}: {fault}", ask.operation));
                assert!(fault.kind.retry() != Retry::Backoff, "{told}");
                assert!(cx.was_sent(), "{told}");
            }
        }
    }
}

#[tokio::test]
async fn no_answer_makes_an_adapter_panic_or_forget_that_it_sent() {
    for subject in all() {
        survives(&subject, &subject.read(), 7).await;
        survives(&subject, &subject.write(), 8).await;
    }
}
