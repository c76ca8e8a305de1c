package io.crowfly.bench.endpoint;

import io.crowfly.bench.endpoint.behaviour.ActiveBehaviour;
import io.crowfly.bench.endpoint.behaviour.Behaviour;
import io.crowfly.bench.endpoint.behaviour.Outage;
import io.crowfly.bench.endpoint.dialect.EndpointDialect;
import io.crowfly.bench.endpoint.tls.KeyPairFiles;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.group.ChannelGroup;
import io.netty.channel.group.DefaultChannelGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.SocketChannel;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.handler.codec.http.HttpServerCodec;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.util.ReferenceCountUtil;
import io.netty.util.concurrent.DefaultThreadFactory;
import io.netty.util.concurrent.GlobalEventExecutor;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Simulated inference endpoint on a real socket, for tests, benchmarks and the demo. Safe for use by several threads. A
 * new behaviour applies to requests that begin afterwards.
 */
public final class SimulatedEndpoint implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(SimulatedEndpoint.class);

    /**
     * Limits of request line, head and chunk, in bytes. They are generous, because the balancer limits the sizes of
     * clients' requests.
     */
    private static final int MAX_REQUEST_LINE = 64 * 1024;

    private static final int MAX_HEAD = 256 * 1024;
    private static final int MAX_CHUNK = 64 * 1024;

    private static final int BACKLOG = 1024;

    /** Milliseconds between two attempts to listen again after an outage, if another process has taken the port. */
    private static final long RETRY_MILLIS = 250;

    private final EndpointSpec spec;
    private final EventLoopGroup loops;
    private final ChannelGroup connections = new DefaultChannelGroup(GlobalEventExecutor.INSTANCE);
    private final ScheduledExecutorService outageTimer =
            Executors.newSingleThreadScheduledExecutor(new DefaultThreadFactory("simulated-outage", true));
    private final EndpointStatistics.Recorder recorder;
    private final EndpointRouter router;
    private final @Nullable SslContext tls;
    private final ServerBootstrap bootstrap;
    private final InetSocketAddress address;
    private volatile ActiveBehaviour activeBehaviour;
    private @Nullable Channel serverChannel;

    /** Opens an endpoint. The endpoint listens when this method returns. */
    public static SimulatedEndpoint open(EndpointSpec spec) throws IOException {
        return new SimulatedEndpoint(spec);
    }

    private SimulatedEndpoint(EndpointSpec spec) throws IOException {
        this.spec = spec;
        this.recorder = new EndpointStatistics.Recorder(spec.requestListener());
        this.activeBehaviour = active(spec.behaviour());
        this.router = new EndpointRouter(
                spec.dialect(),
                () -> activeBehaviour,
                new ControlPaths(this::statistics, this::behaviour, this::setBehaviourFor),
                recorder);
        this.tls = spec.tls().isPresent() ? serverContext(spec.tls().get()) : null;
        this.loops = new MultiThreadIoEventLoopGroup(spec.threads(), NioIoHandler.newFactory());
        this.bootstrap = new ServerBootstrap()
                .group(loops)
                .channel(NioServerSocketChannel.class)
                .option(ChannelOption.SO_REUSEADDR, true)
                .option(ChannelOption.SO_BACKLOG, BACKLOG)
                .childOption(ChannelOption.TCP_NODELAY, true)
                .childHandler(new Connections());
        try {
            Channel bound = bind(new InetSocketAddress(spec.host(), spec.port()));
            this.address = (InetSocketAddress) bound.localAddress();
            this.serverChannel = bound;
        } catch (IOException e) {
            close();
            throw e;
        }
        applyOutage();
    }

    private ActiveBehaviour active(Behaviour behaviour) {
        return new ActiveBehaviour(behaviour, () -> spec.loadFactor().applyAsDouble(recorder.inFlight()));
    }

    private static SslContext serverContext(KeyPairFiles files) throws IOException {
        return SslContextBuilder.forServer(
                        files.certificate().toFile(), files.key().toFile())
                .build();
    }

    private Channel bind(InetSocketAddress local) throws IOException {
        var bound = bootstrap.bind(local).awaitUninterruptibly();
        if (!bound.isSuccess()) {
            throw new IOException(
                    "can't listen on " + local.getHostString() + ":" + local.getPort() + ": "
                            + bound.cause().getMessage(),
                    bound.cause());
        }
        return bound.channel();
    }

    public EndpointDialect dialect() {
        return spec.dialect();
    }

    public int port() {
        return address.getPort();
    }

    /** Returns the URL without a path, for example {@code http://127.0.0.1:9101}. */
    public String url() {
        return (tls == null ? "http://" : "https://") + spec.host() + ":" + port();
    }

    public Behaviour behaviour() {
        return activeBehaviour.settings;
    }

    public EndpointStatistics statistics() {
        return recorder.snapshot();
    }

    /**
     * Sets the behaviour. When this method returns, the endpoint has stopped or resumed listening as the behaviour
     * demands. An outage must not be set or ended on an event loop of the endpoint, because binding waits for the event
     * loop.
     */
    public void setBehaviour(Behaviour behaviour) {
        activeBehaviour = active(behaviour);
        applyOutage();
    }

    private void setBehaviourFor(Behaviour behaviour, long outageMillis) {
        activeBehaviour = active(behaviour);
        // The timer's thread applies the outage, because binding waits for the event loop that calls this method.
        outageTimer.execute(this::applyOutage);
        if (outageMillis > 0) {
            outageTimer.schedule(
                    () -> setBehaviour(behaviour().withOutage(Outage.NONE)), outageMillis, TimeUnit.MILLISECONDS);
        }
    }

    private synchronized void applyOutage() {
        if (behaviour().outage() == Outage.REFUSE) {
            stopListening();
        } else if (serverChannel == null && !loops.isShuttingDown()) {
            resumeListening();
        }
    }

    private void stopListening() {
        Channel closing = serverChannel;
        if (closing != null) {
            serverChannel = null;
            closing.close().awaitUninterruptibly();
        }
        connections.close().awaitUninterruptibly();
    }

    private void resumeListening() {
        try {
            serverChannel = bind(address);
        } catch (IOException e) {
            // While the endpoint does not listen, the kernel may give its port to another connection as local port.
            // Listening is tried again later.
            LOG.warn("The simulated endpoint can't listen again yet: {}", e.getMessage());
            if (!outageTimer.isShutdown()) {
                outageTimer.schedule(this::applyOutage, RETRY_MILLIS, TimeUnit.MILLISECONDS);
            }
        }
    }

    @Override
    public void close() {
        outageTimer.shutdownNow();
        loops.shutdownGracefully(0, 1, TimeUnit.SECONDS).awaitUninterruptibly();
        if (tls != null) {
            ReferenceCountUtil.release(tls);
        }
    }

    private final class Connections extends ChannelInitializer<SocketChannel> {
        @Override
        protected void initChannel(SocketChannel channel) {
            if (behaviour().outage() == Outage.REFUSE) {
                // The connection was accepted just before the listening socket was closed.
                channel.close();
                return;
            }
            connections.add(channel);
            if (tls != null) {
                channel.pipeline().addLast(tls.newHandler(channel.alloc()));
            }
            channel.pipeline()
                    .addLast(new HttpServerCodec(MAX_REQUEST_LINE, MAX_HEAD, MAX_CHUNK))
                    .addLast(new EndpointConnectionHandler(router, recorder));
        }
    }
}
