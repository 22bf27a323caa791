"""Kubernetes: the manifests."""

import re

from common import DRAIN_SECONDS, HOUR, Missing, since

CONFINED = {"allowPrivilegeEscalation": False, "readOnlyRootFilesystem": True, "capabilities": {"drop": ["ALL"]}}


def validator():
    try:
        import kubernetes_validate
        import yaml
    except ImportError as error:
        raise Missing("the Python package kubernetes-validate is not installed") from error
    return kubernetes_validate, yaml


def documents(packaging):
    """Every object with its file's name. A key that stands twice is a mistake, and YAML would take the last."""
    _, yaml = validator()

    class Loader(yaml.SafeLoader):
        def construct_mapping(self, node, deep=False):
            keys = [key.value for key, _ in node.value]
            if len(keys) != len(set(keys)):
                raise yaml.constructor.ConstructorError(None, None, f"a key stands twice in {keys}", node.start_mark)
            return super().construct_mapping(node, deep)

    for path in packaging.files("kubernetes/*.yaml"):
        for document in yaml.load_all(path.read_text(), Loader):
            yield path.name, document


def schema(packaging):
    """manifests fit the schemas of Kubernetes, with no key that those do not know"""
    kubernetes_validate, yaml = validator()
    try:
        for name, document in documents(packaging):
            try:
                kubernetes_validate.validate(document, kubernetes_validate.latest_version(), strict=True)
            except kubernetes_validate.ValidationError as error:
                yield f"{name}: {document['kind']}: {error.message}"
    except yaml.YAMLError as error:
        yield str(error)


def pod_of(document):
    spec = document["spec"]
    if document["kind"] == "CronJob":
        spec = spec["jobTemplate"]["spec"]
    return spec if document["kind"] == "Pod" else spec["template"]["spec"]


def ours(packaging):
    """Every container of this program: file, object, pod, container."""
    for name, document in documents(packaging):
        if document["kind"] in ("Pod", "Job", "CronJob"):
            pod = pod_of(document)
            for container in [*pod.get("initContainers", []), *pod["containers"]]:
                if container["name"] == "claude-otel":
                    yield name, document, pod, container


def pods(packaging):
    """pods run this version as an ordinary user, read transcripts and write to their own state only"""
    count = 0
    for name, document, pod, container in ours(packaging):
        count += 1
        yield from (f"{name}: {problem}" for problem in pod_problems(packaging, pod, container))
        yield from (f"{name}: {problem}" for problem in schedule_problems(document, container["args"]))
    if count != 3:
        yield f"{count} pods with the program were found, 3 were expected"


def pod_problems(packaging, pod, container):
    if container["image"] != f"claude-otel:{packaging.version}":
        yield f"{container['image']} is not this version"
    if container.get("securityContext") != CONFINED or not pod["securityContext"].get("runAsNonRoot"):
        yield "it may do more than it needs"
    if pod["terminationGracePeriodSeconds"] <= DRAIN_SECONDS or pod["automountServiceAccountToken"]:
        yield "it is killed before it has delivered what is under way, or holds a token that it does not need"
    volumes = {volume["name"] for volume in pod["volumes"]}
    mounts = {mount["mountPath"]: mount for mount in container["volumeMounts"]}
    if not {mount["name"] for mount in mounts.values()} <= volumes:
        yield "a mount names no volume"
    if set(mounts) != {"/transcripts", "/state"} or not mounts["/transcripts"].get("readOnly"):
        yield "it does not have its transcripts for reading and its state for writing"
    words = container["args"]
    if words[words.index("--root") + 1] != "/transcripts":
        yield "it reads somewhere else"


def schedule_problems(document, words):
    spec = document["spec"]
    if document["kind"] == "Job":
        shards = re.fullmatch(r"\$\(JOB_COMPLETION_INDEX\)/(\d+)", words[words.index("--shard") + 1])
        if shards is None or int(shards[1]) != spec["completions"] or spec["completionMode"] != "Indexed":
            yield "shards and pods are not equal in number"
    if document["kind"] == "CronJob":
        if spec["timeZone"] != "Etc/UTC" or since(words) < 24 * HOUR + spec["startingDeadlineSeconds"]:
            yield "a run does not reach back to the one before"


CHECKS = [schema, pods]


def calls(packaging):
    """Every call of the program, word by word."""
    for name, _, _, container in ours(packaging):
        yield name, [word.replace("$(JOB_COMPLETION_INDEX)", "0") for word in container["args"]]
