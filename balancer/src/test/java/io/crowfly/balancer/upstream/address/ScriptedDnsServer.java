package io.crowfly.balancer.upstream.address;

import io.netty.bootstrap.Bootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioDatagramChannel;
import io.netty.handler.codec.dns.DatagramDnsQuery;
import io.netty.handler.codec.dns.DatagramDnsQueryDecoder;
import io.netty.handler.codec.dns.DatagramDnsResponse;
import io.netty.handler.codec.dns.DatagramDnsResponseEncoder;
import io.netty.handler.codec.dns.DefaultDnsRawRecord;
import io.netty.handler.codec.dns.DnsQuestion;
import io.netty.handler.codec.dns.DnsRecord;
import io.netty.handler.codec.dns.DnsRecordType;
import io.netty.handler.codec.dns.DnsResponseCode;
import io.netty.handler.codec.dns.DnsSection;
import io.netty.resolver.dns.DnsServerAddressStreamProvider;
import io.netty.resolver.dns.SingletonDnsServerAddressStreamProvider;
import io.netty.util.NetUtil;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/** DNS server on a UDP socket of the loopback interface, whose records a test changes at any time. */
public final class ScriptedDnsServer implements AutoCloseable {

    private final EventLoopGroup loop = new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
    private final Channel channel;
    private final Map<DnsRecordType, List<Answer>> answers = new ConcurrentHashMap<>();
    private final Map<DnsRecordType, DnsResponseCode> errors = new ConcurrentHashMap<>();
    private final Map<DnsRecordType, Boolean> silent = new ConcurrentHashMap<>();
    private final AtomicInteger queries = new AtomicInteger();

    private record Answer(String name, DnsRecordType type, int ttl, byte[] content) {}

    public ScriptedDnsServer() {
        channel = new Bootstrap()
                .group(loop)
                .channel(NioDatagramChannel.class)
                .handler(new ChannelInitializer<>() {
                    @Override
                    protected void initChannel(Channel opened) {
                        opened.pipeline()
                                .addLast(
                                        new DatagramDnsQueryDecoder(),
                                        new DatagramDnsResponseEncoder(),
                                        new QueryHandler());
                    }
                })
                .bind(InetAddress.getLoopbackAddress(), 0)
                .syncUninterruptibly()
                .channel();
    }

    public DnsServerAddressStreamProvider asNameServer() {
        return new SingletonDnsServerAddressStreamProvider((InetSocketAddress) channel.localAddress());
    }

    /** Responds to queries of this type, for any name, with these addresses; with none, the name has no such record. */
    public void respond(DnsRecordType type, int ttl, String... addresses) {
        reset(type);
        List<Answer> list = new ArrayList<>();
        for (String address : addresses) {
            list.add(new Answer("", type, ttl, NetUtil.createByteArrayFromIpAddressString(address)));
        }
        answers.put(type, list);
    }

    /** Responds with an alias of the name and the address of the alias. */
    void respondWithAlias(DnsRecordType type, int aliasTtl, int ttl, String address) {
        reset(type);
        answers.put(
                type,
                List.of(
                        new Answer("", DnsRecordType.CNAME, aliasTtl, encoded("alias.test")),
                        new Answer("alias.test", type, ttl, NetUtil.createByteArrayFromIpAddressString(address))));
    }

    void fail(DnsRecordType type, DnsResponseCode code) {
        reset(type);
        errors.put(type, code);
    }

    /** Leaves queries of this type without a response. */
    void beSilent(DnsRecordType type) {
        reset(type);
        silent.put(type, true);
    }

    private void reset(DnsRecordType type) {
        errors.remove(type);
        silent.remove(type);
    }

    /** Returns the number of queries received so far. */
    int queries() {
        return queries.get();
    }

    private static byte[] encoded(String name) {
        ByteBuf buffer = Unpooled.buffer();
        for (String label : name.split("\\.")) {
            buffer.writeByte(label.length());
            buffer.writeCharSequence(label, StandardCharsets.US_ASCII);
        }
        buffer.writeByte(0);
        byte[] bytes = new byte[buffer.readableBytes()];
        buffer.readBytes(bytes);
        return bytes;
    }

    @Override
    public void close() {
        channel.close().syncUninterruptibly();
        loop.shutdownGracefully(0, 1, TimeUnit.SECONDS).syncUninterruptibly();
    }

    private final class QueryHandler extends SimpleChannelInboundHandler<DatagramDnsQuery> {

        @Override
        protected void channelRead0(ChannelHandlerContext context, DatagramDnsQuery query) {
            queries.incrementAndGet();
            DnsQuestion question = query.recordAt(DnsSection.QUESTION);
            if (silent.containsKey(question.type())) {
                return;
            }
            DnsResponseCode code = errors.getOrDefault(question.type(), DnsResponseCode.NOERROR);
            DatagramDnsResponse response =
                    new DatagramDnsResponse(query.recipient(), query.sender(), query.id(), query.opCode(), code);
            response.addRecord(DnsSection.QUESTION, question);
            if (code.equals(DnsResponseCode.NOERROR)) {
                for (Answer answer : answers.getOrDefault(question.type(), List.of())) {
                    String name = answer.name().isEmpty() ? question.name() : answer.name();
                    response.addRecord(
                            DnsSection.ANSWER,
                            new DefaultDnsRawRecord(
                                    name,
                                    answer.type(),
                                    DnsRecord.CLASS_IN,
                                    answer.ttl(),
                                    Unpooled.wrappedBuffer(answer.content())));
                }
            }
            context.writeAndFlush(response);
        }
    }
}
