// SPDX-License-Identifier: MIT OR Apache-2.0
//! What a kernel that lies may tell the server of a node, whatever the device does meanwhile.

use mediadev::cuse::Server;
use mediadev::{uapi, Answer, Device, DeviceOps, File, Info, OpResult};
use std::ffi::c_void;

struct Camera;

impl DeviceOps for Camera {
    fn ioctl(&self, _: &kref::Port<File>, request: u32, arg: *mut c_void) -> OpResult<Answer> {
        let size = (request >> 16 & 0x3fff) as usize;
        if size > 0 && request >> 30 != 0 {
            // SAFETY: as the number says; AddressSanitizer looks whether it is so.
            unsafe { arg.cast::<u8>().write_bytes(request as u8, size) };
        }
        match request % 4 {
            0 => Ok(Answer::NotYet),
            1 => Err(request as i32),
            _ => Ok(Answer::Done(request as i32)),
        }
    }
    fn poll(&self, _: &kref::Port<File>) -> u32 {
        1
    }
}

/// What the kernel must be able to take for an answer to this request, or for news.
fn check(answer: &[u8], request: Option<&[u8]>) {
    let number = |at: usize| u32::from_ne_bytes(answer[at..at + 4].try_into().unwrap());
    let error = number(4).cast_signed();
    assert_eq!(number(0) as usize, answer.len());
    let Some(request) = request else {
        let woken = answer[8..16] == [0; 8] && error == 1 && answer.len() == 24;
        assert!(woken || answer[8..16] != [0; 8]);
        return;
    };
    assert!((-511..=0).contains(&error) && (error == 0 || answer.len() == 16));
    let ioctl = request.len() >= 72 && request[4..8] == 39u32.to_ne_bytes();
    if ioctl && error == 0 {
        let room = u32::from_ne_bytes(request[68..72].try_into().unwrap()) as usize;
        match number(20) & 4 {
            0 => assert!(answer.len() - 32 <= room),
            _ => assert_eq!(answer.len() - 32, 16 * (number(24) + number(28)) as usize),
        }
    }
}

/// A program of bytes: messages, whole ones and any, and what happens on the side of the device.
pub fn run(mut program: &[u8]) {
    const OPCODES: [u32; 8] = [14, 18, 39, 39, 39, 40, 36, 4096];
    let device = Device::new(Info::new("camera", "camera", "").unwrap(), Camera);
    Device::register(&device).unwrap();
    let server = Server::new(&device, "media0", || ()).unwrap();
    let entity = |name| Device::add_entity(&device, name, 1, &[uapi::PAD_SINK, uapi::PAD_SOURCE]);
    let (one, other) = (entity("one").unwrap(), entity("other").unwrap());
    one.add_link(1, &other, 0, 0).unwrap();
    let mut unique = 0u64;
    while let [what, length, rest @ ..] = program {
        let (body, rest) = rest.split_at(rest.len().min(usize::from(*length)));
        program = rest;
        match what % 16 {
            0 => {
                device.notify();
                server.news().iter().for_each(|news| check(news, None));
                continue;
            }
            1 if body.len() == 7 => {
                device.unregister();
                continue;
            }
            2 if body.len() == 7 => {
                server.stop().iter().for_each(|news| check(news, None));
                continue;
            }
            3 => drop(entity("more").and_then(|more| more.add_link(1, &other, 0, uapi::LINK_ENABLED))),
            4 => {
                if let Some(answer) = server.receive(body) {
                    check(&answer, None);
                }
                continue;
            }
            _ => (),
        }
        unique += 2;
        let opcode = OPCODES[usize::from(what % 8)];
        let mut message = ((40 + body.len()) as u32).to_ne_bytes().to_vec();
        message.extend(opcode.to_ne_bytes());
        message.extend(unique.to_ne_bytes());
        message.extend([what % 3; 24]);
        message.extend(body);
        if opcode == 39 && message.len() >= 72 {
            // A handle and a length that may be right.
            let input = (message.len() - 72) as u32;
            message[41..48].fill(0);
            message[64..68].copy_from_slice(&input.to_ne_bytes());
        }
        if let Some(answer) = server.receive(&message) {
            // An interrupt is not answered itself: what it interrupts is.
            let interrupted = body.get(..8).filter(|_| opcode == 36);
            assert_eq!(answer[8..16], *interrupted.unwrap_or(&unique.to_ne_bytes()));
            check(&answer, Some(&message));
        }
    }
    server.stop();
    drop(server);
    device.unregister();
    assert!(device.files().is_empty());
}

/// Where a run begins.
pub fn seeds() -> Vec<Vec<u8>> {
    let step = |what: u8, body: &[u8]| [&[what, body.len() as u8], body].concat();
    let ioctl = |what: u8, command: u32, room: u32, input: &[u8]| {
        let mut body = [&[1, 0, 0, 0, 0, 0, 0, 0][..], &2u32.to_ne_bytes(), &command.to_ne_bytes()].concat();
        body.extend(0x1000u64.to_ne_bytes());
        body.extend([0u32.to_ne_bytes(), room.to_ne_bytes()].concat());
        body.extend(input);
        step(what, &body)
    };
    let open = step(8, &[0; 8]);
    let head = |num: u8| [[0; 8], [num; 8], [1; 8]].concat().repeat(3);
    vec![
        [open.clone(), ioctl(10, uapi::G_TOPOLOGY, 0, &[]), ioctl(10, uapi::G_TOPOLOGY, 72, &head(1))]
            .concat(),
        [open.clone(), ioctl(11, uapi::ENUM_LINKS, 40, &[1; 40]), ioctl(12, uapi::SETUP_LINK, 52, &[1; 52])]
            .concat(),
        [open.clone(), ioctl(10, 0x7800, 0, &[]), step(0, &[]), step(14, &[2; 8]), step(13, &[1; 24])]
            .concat(),
        [open.clone(), ioctl(10, 0xc00c_7802, 12, &[1; 12]), step(1, &[0; 7]), step(9, &[1; 24])].concat(),
        [step(15, &[7, 0, 0, 0, 31, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0]), open, step(2, &[0; 7])].concat(),
    ]
}
