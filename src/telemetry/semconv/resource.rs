//! Attributes of the resource. `OTEL_RESOURCE_ATTRIBUTES` adds to these and may replace all but the last two.

attributes! { ATTRIBUTES;
    SERVICE_NAME = "service.name", Text, [Resource], "`claude-otel`, or `OTEL_SERVICE_NAME`", "";
    SERVICE_VERSION = "service.version", Text, [Resource], "this program's version", "";
    SERVICE_INSTANCE_ID = "service.instance.id", Text, [Resource], "a hash of the machine, the user, the destination and its name, the same in every run", "";
    HOST_NAME = "host.name", Text, [Resource], "the machine's name", "";
    HOST_ARCH = "host.arch", Text, [Resource], "processor", "";
    OS_TYPE = "os.type", Text, [Resource], "operating system", "";
    TELEMETRY_DISTRO_NAME = "telemetry.distro.name", Text, [Resource], "`claude-otel`", "";
    TELEMETRY_DISTRO_VERSION = "telemetry.distro.version", Text, [Resource], "this program's version", "";
}
