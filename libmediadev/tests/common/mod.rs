// SPDX-License-Identifier: MIT OR Apache-2.0
//! A device whose operations write down what happens, and do what a test tells them.
#![allow(dead_code, unreachable_pub)]

use kref::sync::lock;
use kref::{Port, Ref};
use mediadev::uapi::{PAD_SINK, PAD_SOURCE};
use mediadev::{Answer, Context, Device, DeviceOps, Entity, File, Info, LinkInfo, OpResult, Request, When};
use std::ffi::c_void;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex};

pub const SENSOR: u32 = 0x2_0001;
pub const SCALER: u32 = 0x4005;
pub const CAPTURE: u32 = mediadev::uapi::FUNCTION_IO_V4L;

/// What happened, in order.
#[derive(Clone, Default)]
pub struct Log(Arc<Mutex<Vec<String>>>);

impl Log {
    pub fn say(&self, what: impl Into<String>) {
        lock(&self.0).push(what.into());
    }
    /// What happened since this was last asked.
    pub fn take(&self) -> Vec<String> {
        std::mem::take(&mut *lock(&self.0))
    }
    /// Something whose drop is written down.
    pub fn note(&self, what: &'static str) -> Noted {
        Noted(self.clone(), what)
    }
    pub fn context(&self, what: &'static str) -> Context {
        Context::boxed(self.note(what))
    }
}

pub struct Noted(Log, &'static str);

impl Drop for Noted {
    fn drop(&mut self) {
        self.0.say(self.1);
    }
}

type Hook<A, R> = Option<Box<dyn Fn(A) -> R + Send + Sync>>;

/// The operations; a hook that is not there does what the library does by itself.
#[derive(Default)]
pub struct Ops {
    pub log: Log,
    pub open: Hook<Port<File>, OpResult<()>>,
    pub close: Hook<*const Port<File>, ()>,
    pub ioctl: Hook<(Port<File>, u32, usize), OpResult<Answer>>,
    pub poll: Hook<(), u32>,
    /// The entity's name, its pad, the link before, the flags after.
    pub setup: Hook<(String, u32, LinkInfo, u32), OpResult<()>>,
    pub validate: Hook<LinkInfo, OpResult<()>>,
    pub request_validate: Hook<Ref<Request>, OpResult<()>>,
    pub request_queue: Hook<Ref<Request>, ()>,
    pub before_free: Hook<*const Device, ()>,
    pub requests: bool,
    pub notified: bool,
    pub after_free: Option<Noted>,
}

impl Ops {
    pub fn new(log: &Log) -> Self {
        Ops { log: log.clone(), after_free: Some(log.note("after_free")), ..Self::default() }
    }
}

/// Calls a hook, or is what comes without one.
fn or<A, R>(hook: &Hook<A, R>, argument: A, without: R) -> R {
    hook.as_ref().map_or(without, |hook| hook(argument))
}

impl DeviceOps for Ops {
    fn open(&self, file: &Port<File>) -> OpResult<()> {
        self.log.say("open");
        or(&self.open, file.clone(), Ok(()))
    }
    fn close(&self, file: &Port<File>) {
        self.log.say("close");
        or(&self.close, std::ptr::from_ref(file), ());
    }
    fn ioctl(&self, file: &Port<File>, request: u32, arg: *mut c_void) -> OpResult<Answer> {
        match &self.ioctl {
            // No reference of its own for who has no hook: a test looks at the count.
            Some(hook) => hook((file.clone(), request, arg.addr())),
            None => Ok(Answer::Done(request as i32)),
        }
    }
    fn poll(&self, _: &Port<File>) -> u32 {
        or(&self.poll, (), 0)
    }
    fn link_setup(&self, entity: &Ref<Entity>, pad: u32, link: &LinkInfo, flags: u32) -> OpResult<()> {
        let name = entity.name().to_str().unwrap().to_owned();
        self.log.say(format!("setup {name}:{pad} {:#x} to {flags:#x}", link.flags));
        or(&self.setup, (name, pad, *link, flags), Ok(()))
    }
    fn link_notify(&self, _: &Ref<Device>, link: &LinkInfo, flags: u32, when: When) {
        if self.notified {
            self.log.say(format!("{when:?} {:#x} to {flags:#x}", link.flags));
        }
    }
    fn link_validate(&self, sink: &Ref<Entity>, pad: u32, link: &LinkInfo) -> OpResult<()> {
        self.log.say(format!("validate {}:{pad}", sink.name().to_str().unwrap()));
        or(&self.validate, *link, Ok(()))
    }
    fn has_requests(&self) -> bool {
        self.requests
    }
    fn request_validate(&self, request: &Ref<Request>) -> OpResult<()> {
        or(&self.request_validate, request.clone(), Ok(()))
    }
    fn request_queue(&self, request: &Ref<Request>) {
        or(&self.request_queue, request.clone(), ());
    }
    fn before_free(&self, device: &Device) {
        self.log.say("before_free");
        or(&self.before_free, std::ptr::from_ref(device), ());
    }
}

pub fn info() -> Info {
    Info::new("camera", "A camera", "platform:camera").unwrap()
}

pub fn device(ops: Ops) -> Ref<Device> {
    Device::new(info(), ops)
}

pub fn registered(ops: Ops) -> Ref<Device> {
    let device = device(ops);
    Device::register(&device).unwrap();
    device
}

/// A sensor, a scaler and a capture node, linked and not enabled.
pub struct Camera {
    pub device: Ref<Device>,
    pub sensor: Ref<Entity>,
    pub scaler: Ref<Entity>,
    pub capture: Ref<Entity>,
}

pub fn camera(ops: Ops) -> Camera {
    let device = registered(ops);
    let add = |name, function, pads: &[u32]| Device::add_entity(&device, name, function, pads).unwrap();
    let sensor = add("Sensor", SENSOR, &[PAD_SOURCE]);
    let scaler = add("Scaler", SCALER, &[PAD_SINK, PAD_SOURCE]);
    let capture = add("Capture", CAPTURE, &[PAD_SINK]);
    sensor.add_link(0, &scaler, 0, 0).unwrap();
    scaler.add_link(1, &capture, 0, 0).unwrap();
    Camera { device, sensor, scaler, capture }
}

impl Camera {
    /// Changes the link of the sensor.
    pub fn first(&self, flags: u32) -> mediadev::Result<()> {
        Device::setup_link(&self.device, (self.sensor.id(), 0), (self.scaler.id(), 0), flags)
    }
    /// Changes the link of the capture node.
    pub fn second(&self, flags: u32) -> mediadev::Result<()> {
        Device::setup_link(&self.device, (self.scaler.id(), 1), (self.capture.id(), 0), flags)
    }
    pub fn first_flags(&self) -> u32 {
        self.sensor.link(0, &self.scaler, 0).unwrap().flags
    }
}

/// A call of the provider's, with a number for its argument.
#[allow(unsafe_code)]
pub fn ioctl(file: &Port<File>, request: u32) -> mediadev::Result<i32> {
    // SAFETY: the argument is for the operations of this file, which do not follow it.
    unsafe { File::ioctl(file, request, std::ptr::null_mut()) }
}

pub fn kind<T>(result: mediadev::Result<T>) -> mediadev::Kind {
    match result {
        Ok(_) => panic!("it succeeded"),
        Err(error) => error.kind(),
    }
}

pub fn sentence<T>(result: mediadev::Result<T>) -> String {
    match result {
        Ok(_) => panic!("it succeeded"),
        Err(error) => error.to_string(),
    }
}

/// A device whose calls have nothing to say until the number has grown to 1, and then say it; how often they were asked, and the number.
pub fn waiting() -> (Ref<Device>, Arc<AtomicU32>, Arc<AtomicU32>) {
    let (asked, number) = (Arc::new(AtomicU32::new(0)), Arc::new(AtomicU32::new(0)));
    let (by, of_ioctl, of_poll) = (asked.clone(), number.clone(), number.clone());
    let ioctl = move |_| {
        by.fetch_add(1, Ordering::SeqCst);
        match of_ioctl.load(Ordering::SeqCst) {
            0 => Ok(Answer::NotYet),
            number => Ok(Answer::Done(number.cast_signed())),
        }
    };
    let poll = move |()| if of_poll.load(Ordering::SeqCst) == 0 { 0 } else { libc::POLLIN as u32 };
    let ops = Ops { ioctl: Some(Box::new(ioctl)), poll: Some(Box::new(poll)), ..Ops::default() };
    (registered(ops), asked, number)
}
