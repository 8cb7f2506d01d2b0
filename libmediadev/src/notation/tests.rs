// SPDX-License-Identifier: MIT OR Apache-2.0
//! M14: what media-ctl reads is read as it reads it, what is written can be read back, and what is wrong is told with its place.

use super::*;
use crate::uapi::v4l2::ROUTE_ACTIVE;
use crate::uapi::Plain;
use proptest::prelude::*;

fn named(name: &str, index: u32) -> PadName {
    PadName { entity: EntityName::Name(name.into()), index }
}

fn frame(code: u32, width: u32, height: u32) -> FrameFormat {
    FrameFormat { code, width, height, ..FrameFormat::zero() }
}

#[test]
fn m14_links_are_read_as_media_ctl_reads_them() {
    let link = |source, sink, flags| LinkSetup { source, sink, flags };
    let wanted = [link(named("Sensor A", 0), named("Debayer A", 0), 1)];
    for text in [
        "'Sensor A':0->'Debayer A':0[1]",
        "\"Sensor A\":0 -> \"Debayer A\":0 [1]",
        " 'Sensor A' : 0\t->\n'Debayer A':0[ 0x1 ] ",
    ] {
        assert_eq!(links(text).unwrap(), wanted, "{text}");
    }
    let by_number = PadName { entity: EntityName::Id(3), index: 1 };
    assert_eq!(
        links("3:1->'it''s':0[0],'a':0->3:1[5]").unwrap_err().to_string(),
        "links, character 10: \":\" is expected, and here is \"'s':0[0],'a'\"…"
    );
    assert_eq!(
        links("3:1->\"it's\":0[0],'a':0->3:1[5]").unwrap(),
        [link(by_number.clone(), named("it's", 0), 0), link(named("a", 0), by_number, 5)]
    );
}

#[test]
fn m14_formats_are_read_as_media_ctl_reads_them() {
    let read = |text: &str| formats(text).unwrap().remove(0).settings;
    let format = Some(frame(0x3014, 640, 480));
    let only = PadSettings { format, ..PadSettings::default() };
    for text in [
        "'a':0[fmt:SRGGB8_1X8/640x480]",
        "'a':0 [ SRGGB8 640x480 ]",
        "'a':0[fmt: SRGGB8/640x480]",
        "1:0[fmt:0x3014/640x480]",
    ] {
        assert_eq!(read(text), only, "{text}");
    }
    let crop = Some(Rect { left: 10, top: -20, width: 30, height: 40 });
    let interval = Some(Interval { numerator: 1, denominator: 30 });
    let compose = Some(Rect { left: 1, top: 2, width: 3, height: 4 });
    let frame = FrameFormat {
        field: 1,
        colorspace: 8,
        xfer_func: 2,
        ycbcr_enc: 1,
        quantization: 1,
        ..frame(0x3014, 640, 480)
    };
    let all = PadSettings { format: Some(frame), crop, compose, interval };
    for text in [
        "'a':0[fmt:SRGGB8_1X8/640x480@1/30 field:none colorspace:srgb xfer:srgb ycbcr:601 quantization:full-range \
         crop:(10,-20)/30x40 compose:(1,2)/3x4]",
        "'a':0[colorspace:sRGB field:none, (10,-20)/30x40, @1/30 xfer:srgb fmt:SRGGB8/640x480 ycbcr:601 \
         quantization:full-range compose: (1,2)/3x4]",
    ] {
        assert_eq!(read(text), all, "{text}");
    }
    assert_eq!(read("'a':0[]"), PadSettings::default());
    let two = formats("'a':0/3[@1/5],'b':1[crop:(0,0)/1x1]").unwrap();
    assert_eq!(two.iter().map(|setup| (setup.pad.index, setup.stream)).collect::<Vec<_>>(), [(0, 3), (1, 0)]);
}

#[test]
fn m14_routes_are_read_as_media_ctl_reads_them() {
    let route =
        |sink_stream, flags| Route { sink_pad: 0, sink_stream, source_pad: 1, source_stream: 2, flags };
    let wanted = [RouteSetup {
        entity: EntityName::Name("mux".into()),
        routes: vec![route(0, ROUTE_ACTIVE), route(1, 0)],
    }];
    for text in ["'mux'[0/0->1/2[1],0/1->1/2[0]]", "'mux' [ 0/0 -> 1/2 [1] , 0/1 -> 1/2 [ 0x0 ] ] "] {
        assert_eq!(routes(text).unwrap(), wanted, "{text}");
    }
    assert_eq!(routes("7[]").unwrap(), [RouteSetup { entity: EntityName::Id(7), routes: vec![] }]);
}

#[test]
fn m14_what_is_wrong_is_told_with_its_place() {
    let told = |result: Result<()>| result.unwrap_err().to_string();
    let links = |text| told(super::links(text).map(drop));
    let formats = |text| told(super::formats(text).map(drop));
    let routes = |text| told(super::routes(text).map(drop));
    assert_eq!(
        links(""),
        "links, character 1: an entity's number, or its name in quotes, is expected, and here is nothing"
    );
    assert_eq!(links("'a:0"), "links, character 1: a name has no end, and here is \"'a:0\"");
    assert_eq!(
        links("'a':0=>'b':0[1]"),
        "links, character 6: \"->\" is expected, and here is \"=>'b':0[1]\""
    );
    assert_eq!(links("'ä':0 -> 'b'"), "links, character 13: \":\" is expected, and here is nothing");
    assert_eq!(
        links("'a':4294967296->'b':0[1]"),
        "links, character 5: a pad's number is at most 4294967295, and here is \"4294967296->\"…"
    );
    assert_eq!(
        links("1:0->2:0[]"),
        "links, character 10: a number for the flags is expected, and here is \"]\""
    );
    assert_eq!(
        links("1:0->2:0[0x]"),
        "links, character 10: flags are a number of 32 bits, and here is \"0x]\""
    );
    assert_eq!(links("1:0->2:0[1]x"), "links, character 12: the end is expected, and here is \"x\"");
    assert_eq!(
        links("1:0->2:0[1],"),
        "links, character 13: an entity's number, or its name in quotes, is expected, and here is nothing"
    );
    assert_eq!(
        formats("1:0[fmt:NONE/1x1]"),
        "formats, character 9: a media bus format is expected, and here is \"NONE/1x1]\""
    );
    assert_eq!(formats("1:0[fmt:Y8/1]"), "formats, character 13: \"x\" is expected, and here is \"]\"");
    assert_eq!(formats("1:0[fmt:Y8]"), "formats, character 11: \"/\" is expected, and here is \"]\"");
    assert_eq!(
        formats("1:0[field:none]"),
        "formats, character 5: this belongs to a format, \"fmt:\", and here is \"field:none]\""
    );
    assert_eq!(
        formats("1:0[fmt:Y8/1x1 fmt:Y8/1x1]"),
        "formats, character 16: this is told twice, and here is \"fmt:Y8/1x1]\""
    );
    assert_eq!(
        formats("1:0[size:1x1]"),
        "formats, character 5: a property or \"]\" is expected, and here is \"size:1x1]\""
    );
    assert_eq!(
        formats("1:0[Y8/1x1 xfer:65536]"),
        "formats, character 17: a transfer function has 16 bits, and here is \"65536]\""
    );
    assert_eq!(
        formats("1:0[crop:(0,-2147483649)/1x1]"),
        "formats, character 13: the top edge is from -2147483648 to 2147483647, and here is \"-2147483649)\"…"
    );
    assert_eq!(formats("1:0[@1]"), "formats, character 7: \"/\" is expected, and here is \"]\"");
    assert_eq!(
        formats("1:0[@1/2"),
        "formats, character 9: a property or \"]\" is expected, and here is nothing"
    );
    assert_eq!(routes("1[0->1/0[1]]"), "routes, character 4: \"/\" is expected, and here is \"->1/0[1]]\"");
    assert_eq!(routes("1[0/0->1/0[1]0/0"), "routes, character 14: \",\" is expected, and here is \"0/0\"");
    assert_eq!(told(pad("'a':0[1]").map(drop)), "pad, character 6: the end is expected, and here is \"[1]\"");
    assert_eq!(
        told(entity("'a':0").map(drop)),
        "entity, character 4: the end is expected, and here is \":0\""
    );
}

fn entity_name() -> impl Strategy<Value = EntityName> {
    prop_oneof![
        any::<u32>().prop_map(EntityName::Id),
        "[^\"\0]{0,9}".prop_map(EntityName::Name),
        "[^'\0]{0,9}".prop_map(EntityName::Name),
    ]
}

fn pad_name() -> impl Strategy<Value = PadName> {
    (entity_name(), any::<u32>()).prop_map(|(entity, index)| PadName { entity, index })
}

fn rect() -> impl Strategy<Value = Rect> {
    any::<(i32, i32, u32, u32)>().prop_map(|(left, top, width, height)| Rect { left, top, width, height })
}

fn settings() -> impl Strategy<Value = PadSettings> {
    let code = prop_oneof![
        any::<u32>(),
        prop::sample::select(crate::formats::codes().map(|(n, _)| n).collect::<Vec<_>>())
    ];
    let tuned = (0..12u32, 0..15u32, 0..10u16, any::<u16>(), 0..4u16);
    let format = (code, any::<(u32, u32)>(), tuned).prop_map(
        |(code, (width, height), (field, colorspace, xfer_func, ycbcr_enc, quantization))| FrameFormat {
            field,
            colorspace,
            xfer_func,
            ycbcr_enc,
            quantization,
            ..frame(code, width, height)
        },
    );
    let interval =
        any::<(u32, u32)>().prop_map(|(numerator, denominator)| Interval { numerator, denominator });
    use prop::option::of;
    (of(format), of(rect()), of(rect()), of(interval))
        .prop_map(|(format, crop, compose, interval)| PadSettings { format, crop, compose, interval })
}

proptest! {
    #[test]
    fn m14_what_is_written_can_be_read(
        link in (pad_name(), pad_name(), any::<u32>()),
        format in (pad_name(), any::<u32>(), settings()),
        route in (entity_name(), prop::collection::vec(any::<[u32; 5]>(), 0..4)),
    ) {
        let (source, sink, flags) = link;
        let setups = [LinkSetup { source, sink, flags }];
        prop_assert_eq!(&links(&joined(&setups)).unwrap()[..], &setups);
        let twice = [setups[0].clone(), setups[0].clone()];
        prop_assert_eq!(&links(&joined(&twice)).unwrap()[..], &twice);
        prop_assert_eq!(&pad(&setups[0].sink.to_string()).unwrap(), &setups[0].sink);
        let (pad, stream, settings) = format;
        let setups = [FormatSetup { pad, stream, settings }];
        prop_assert_eq!(&formats(&joined(&setups)).unwrap()[..], &setups);
        let (entity, all) = route;
        let of = |[sink_pad, sink_stream, source_pad, source_stream, flags]: [u32; 5]| Route {
            sink_pad, sink_stream, source_pad, source_stream, flags,
        };
        let setups = [RouteSetup { entity, routes: all.into_iter().map(of).collect() }];
        prop_assert_eq!(&routes(&joined(&setups)).unwrap()[..], &setups);
        prop_assert_eq!(&super::entity(&setups[0].entity.to_string()).unwrap(), &setups[0].entity);
    }

    #[test]
    fn m14_whatever_is_read_can_be_written(text in "['\"a:0/ ,\\-> \\[\\]1x()@fmtYcroFieldn]{0,40}") {
        if let Ok(all) = links(&text) {
            prop_assert_eq!(links(&joined(&all)).unwrap(), all);
        }
        if let Ok(all) = formats(&text) {
            prop_assert_eq!(formats(&joined(&all)).unwrap(), all);
        }
        if let Ok(all) = routes(&text) {
            prop_assert_eq!(routes(&joined(&all)).unwrap(), all);
        }
    }
}

#[test]
fn m14_a_name_that_several_have_means_none_of_them() {
    let entity = |id: u32, name: &str| {
        let mut entity = crate::uapi::Entity { id, ..Plain::zero() };
        entity.name[..name.len()].copy_from_slice(name.as_bytes());
        entity
    };
    let entities = vec![entity(1, "twin"), entity(2, "twin"), entity(3, "single")];
    let topology = Topology::new(crate::Raw { entities, ..crate::Raw::default() }, 0).unwrap();
    let found = |text: &str| super::entity(text)?.find(&topology).map(|entity| entity.id);
    let both = found("'twin'").unwrap_err();
    assert_eq!(
        (both.errno(), &*both.to_string()),
        (libc::ENOTUNIQ, "entities 1 and 2 are both called \"twin\"")
    );
    assert_eq!(found("'triplet'").unwrap_err().to_string(), "no entity is called \"triplet\"");
    assert_eq!((found("2").unwrap(), found("'single'").unwrap()), (2, 3));
    let called = |id| EntityName::of(&topology, &topology.entity_by_id(id).unwrap()).to_string();
    assert_eq!([called(1), called(3)], ["1", "\"single\""]);
}
