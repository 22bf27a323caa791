//! Receivers that answer 400 to what they cannot decompress or decode.

use super::*;

#[tokio::test]
async fn a_receiver_that_cannot_read_what_is_sent_sets_nothing_aside() {
    let bad = || refuse(400, Code::InvalidArgument, "cannot decode");
    for (protocol, compression) in
        [(ALL[0], Compression::Gzip), (ALL[0], Compression::Zstd), (ALL[1], Compression::None)]
    {
        let adjust = |setting: &mut Setting| setting.options.compression = compression;
        // The spans, an empty request in the same form, and a plain one, which is taken.
        let mut scene = Scene::with(protocol, [bad(), bad(), Step::Ok], adjust).await;
        let error = scene.deliver(4).await.unwrap_err();
        assert!(matches!(error, ExportError::Refused { .. }), "{protocol}: {error}");
        assert!(error.to_string().contains("--compression none"), "{error}");
        assert_eq!((scene.exporter.acknowledged(), scene.exporter.totals().dead_lettered), (0, 0), "{protocol}");
        let received = scene.server.received();
        assert_eq!(received.iter().map(|request| request.numbers().len()).collect::<Vec<_>>(), [4, 0, 0]);
        assert_eq!(received[1].headers.get("content-encoding"), received[0].headers.get("content-encoding"));
        assert_eq!(received[2].headers.get("content-encoding"), None);
        assert_eq!(received[2].headers["content-type"], "application/x-protobuf");
    }
}

#[tokio::test]
async fn only_a_receiver_that_takes_the_plain_form_is_taken_for_one_that_cannot_read_the_other() {
    let bad = || refuse(400, Code::InvalidArgument, "bad id");
    // It reads compressed requests; or it takes no empty one in any form, so that nothing is known.
    for script in [vec![bad(), Step::Ok], vec![bad(), bad(), bad()]] {
        let asked = script.len();
        let adjust = |setting: &mut Setting| setting.options.compression = Compression::Gzip;
        let mut scene = Scene::with(ALL[0], script, adjust).await;
        assert_eq!(scene.deliver(2).await.unwrap(), DeliveryTotals { dead_lettered: 2, ..delivered(0, 1, 0) });
        assert_eq!(scene.server.received().len(), asked);
        // What was found out is not asked again.
        scene.server.script_traces([bad()]);
        assert_eq!(scene.deliver(2).await.unwrap().dead_lettered, 4);
        assert_eq!(scene.server.received().len(), asked + 1);
    }
}
