import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.time.Instant;
import java.util.Properties;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.errors.SerializationException;
import org.apache.kafka.common.serialization.Serde;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.streams.KafkaStreams;
import org.apache.kafka.streams.KeyValue;
import org.apache.kafka.streams.StreamsBuilder;
import org.apache.kafka.streams.StreamsConfig;
import org.apache.kafka.streams.Topology;
import org.apache.kafka.streams.errors.LogAndContinueExceptionHandler;
import org.apache.kafka.streams.kstream.Consumed;
import org.apache.kafka.streams.kstream.Grouped;
import org.apache.kafka.streams.kstream.Materialized;
import org.apache.kafka.streams.kstream.Produced;
import org.apache.kafka.streams.kstream.TimeWindows;
import org.apache.kafka.streams.kstream.Windowed;
import org.apache.kafka.streams.processor.TimestampExtractor;

/**
 * Kafka Streams: outcomes counted per service and minute in tumbling windows, one thread.
 *
 * <p>The topic is keyed by service, so no repartitioning is needed. The guarantee is the one argument: at_least_once or
 * exactly_once_v2.
 */
public final class CountPerMinute {
    private static final ObjectMapper JSON =
            new ObjectMapper().configure(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES, false);

    // With a grace of minutes the store opens and drops a RocksDB for every 90 s of event time, which a backlog of a day
    // runs through in seconds; a day is what Kafka Streams had by default.
    private static final Duration GRACE = Duration.ofDays(1);

    /** What is read of a record. */
    public record Request(String service, String time, int status, String error, String stage, String plan) {
        boolean isValid() {
            return status == 0 || (status >= 100 && status <= 599);
        }

        Outcome outcome() {
            if ("beta".equals(stage) || "trial".equals(plan)) return Outcome.requests_out_of_scope;
            if ("operator_unavailable".equals(error)) return Outcome.requests_operator;
            if ("internal_validation_bug".equals(error)) return Outcome.requests_platform;
            if (status == 0 || status >= 500) return Outcome.requests_platform;
            return status >= 400 ? Outcome.requests_customer : Outcome.requests_ok;
        }
    }

    /** What a request counts as. */
    enum Outcome { requests_ok, requests_platform, requests_operator, requests_customer, requests_out_of_scope }

    /** The record's own time. */
    static final class RequestTime implements TimestampExtractor {
        @Override
        public long extract(ConsumerRecord<Object, Object> record, long partitionTime) {
            return Instant.parse(((Request) record.value()).time()).toEpochMilli();
        }
    }

    public static void main(String[] arguments) {
        KafkaStreams streams = new KafkaStreams(topology(), config(arguments[0]));
        Runtime.getRuntime().addShutdownHook(new Thread(streams::close));
        streams.start();
    }

    private static Properties config(String guarantee) {
        Properties config = new Properties();
        config.put(StreamsConfig.APPLICATION_ID_CONFIG, System.getenv("BENCH_GROUP"));
        config.put(StreamsConfig.BOOTSTRAP_SERVERS_CONFIG, System.getenv("BENCH_BOOTSTRAP"));
        config.put(StreamsConfig.STATE_DIR_CONFIG, System.getenv("BENCH_STATE"));
        config.put(StreamsConfig.PROCESSING_GUARANTEE_CONFIG, guarantee);
        // 30 s by default with at_least_once, 100 ms with exactly_once_v2
        config.put(StreamsConfig.COMMIT_INTERVAL_MS_CONFIG, 1000);
        config.put(
                StreamsConfig.DESERIALIZATION_EXCEPTION_HANDLER_CLASS_CONFIG, LogAndContinueExceptionHandler.class);
        config.put(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG, "earliest");
        return config;
    }

    private static Topology topology() {
        StreamsBuilder builder = new StreamsBuilder();
        builder.stream(
                        System.getenv("BENCH_TOPIC"),
                        Consumed.with(Serdes.String(), requests()).withTimestampExtractor(new RequestTime()))
                .filter((service, request) -> request.isValid())
                .groupByKey(Grouped.with(Serdes.String(), requests()))
                .windowedBy(TimeWindows.ofSizeAndGrace(Duration.ofMinutes(1), GRACE))
                .aggregate(
                        () -> new long[Outcome.values().length],
                        (service, request, counts) -> {
                            counts[request.outcome().ordinal()]++;
                            return counts;
                        },
                        Materialized.with(Serdes.String(), counts()))
                .toStream()
                .map((window, counts) -> KeyValue.pair(window.key(), result(window, counts)))
                .to(System.getenv("BENCH_RESULTS"), Produced.with(Serdes.String(), Serdes.String()));
        return builder.build();
    }

    private static String result(Windowed<String> window, long[] counts) {
        StringBuilder fields = new StringBuilder();
        for (Outcome outcome : Outcome.values()) {
            fields.append(fields.isEmpty() ? "" : ",").append('"').append(outcome).append("\":");
            fields.append(counts[outcome.ordinal()]);
        }
        return "{\"service\":\"%s\",\"start_ms\":%d,\"counts\":{%s}}"
                .formatted(window.key(), window.window().start(), fields);
    }

    private static Serde<Request> requests() {
        return Serdes.serdeFrom((topic, request) -> write(request), (topic, bytes) -> read(bytes));
    }

    private static byte[] write(Request request) {
        try {
            return JSON.writeValueAsBytes(request);
        } catch (IOException error) {
            throw new SerializationException(error);
        }
    }

    private static Request read(byte[] bytes) {
        try {
            return bytes == null ? null : JSON.readValue(bytes, Request.class);
        } catch (IOException error) {
            throw new SerializationException(error);
        }
    }

    private static Serde<long[]> counts() {
        return Serdes.serdeFrom(
                (topic, counts) -> {
                    ByteBuffer buffer = ByteBuffer.allocate(Long.BYTES * counts.length);
                    buffer.asLongBuffer().put(counts);
                    return buffer.array();
                },
                (topic, bytes) -> {
                    if (bytes == null) return null;
                    long[] counts = new long[bytes.length / Long.BYTES];
                    ByteBuffer.wrap(bytes).asLongBuffer().get(counts);
                    return counts;
                });
    }
}
