//! What travels beside the data: compression, headers, keys in addresses.

use super::*;

#[tokio::test]
async fn compressed_requests_are_understood_and_compressed_answers_too() {
    for protocol in ALL {
        for (compression, name) in [(Compression::Gzip, "gzip"), (Compression::Zstd, "zstd")] {
            let adjust = |setting: &mut Setting| setting.options.compression = compression;
            let mut scene = Scene::with(protocol, [Step::Partial(1, "old")], adjust).await;
            let totals = scene.deliver(200).await.unwrap();
            assert_eq!((totals.delivered, totals.rejected), (199, 1), "{protocol} {name}");
            let headers = &scene.server.received()[0].headers;
            let header = if protocol == Protocol::Grpc { "grpc-encoding" } else { "content-encoding" };
            assert_eq!(headers[header], name, "{protocol}");
        }
    }
}

#[tokio::test]
async fn grpc_answers_may_be_compressed_even_when_requests_are_not() {
    let mut scene = Scene::new(Protocol::Grpc, [Step::Partial(1, "old")]).await;
    let totals = scene.deliver(2).await.unwrap();
    assert_eq!((totals.delivered, totals.rejected), (1, 1));
    let accepted = scene.server.received()[0].headers["grpc-accept-encoding"].clone();
    assert!(accepted.to_str().unwrap().contains("gzip") && accepted.to_str().unwrap().contains("zstd"));
}

#[tokio::test]
async fn headers_are_sent_and_never_shown() {
    for protocol in ALL {
        let adjust = |setting: &mut Setting| {
            setting.options.headers = vec![
                ("authorization".to_owned(), Secret::new("Bearer s3cr3t-t0ken")),
                ("x-tenant".to_owned(), Secret::new("blue-team")),
            ];
        };
        let echo = refuse(401, Code::Unauthenticated, "unknown key s3cr3t-t0ken\nof \u{1b}[31mblue-team");
        let mut scene = Scene::with(protocol, [Step::Ok, echo], adjust).await;
        scene.deliver(1).await.unwrap();
        let headers = scene.server.received()[0].headers.clone();
        assert_eq!(headers["authorization"], "Bearer s3cr3t-t0ken", "{protocol}");
        assert_eq!(headers["x-tenant"], "blue-team", "{protocol}");
        let error = scene.deliver(1).await.unwrap_err();
        let shown = format!("{error} {error:?} {:?}", scene.exporter);
        assert!(!shown.contains("s3cr3t") && !shown.contains("blue-team"), "{protocol}: {shown}");
        assert!(error.to_string().contains("unknown key *** of [31m***"), "{protocol}: {error}");
    }
}

#[tokio::test]
async fn a_query_is_sent_and_never_shown() {
    let mut scene = Scene::new(Protocol::HttpJson, []).await;
    let address = format!("http://{}/v1/wrong?api_key=s3cr3t", scene.server.addr);
    let mut options = scene.options.clone();
    options.endpoint = Endpoint::parse(&address).unwrap();
    scene.exporter = Exporter::open(traces_to(options), resource(), scene.export.clone()).await.unwrap();
    let error = scene.deliver(1).await.unwrap_err();
    assert!(error.to_string().contains("no /v1/wrong?api_key=*** here"), "{error}");
    assert!(!format!("{error:?} {:?}", scene.exporter).contains("s3cr3t"));
}
