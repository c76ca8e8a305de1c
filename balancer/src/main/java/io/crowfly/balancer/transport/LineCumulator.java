package io.crowfly.balancer.transport;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.ByteToMessageDecoder;
import org.jspecify.annotations.Nullable;

/*
 * Netty has two cumulators. The first copies every read to the bytes that wait, bodies included. The second keeps the
 * buffer of every read, 4 KiB or more. With the second, a line that arrives byte by byte needs 4,000 times its size.
 *
 * A decoder of HTTP/1.1 passes on all bytes of a body that it has. So the bytes that wait are always the beginning of a
 * line: in a head, in the framing of a chunk, or in a trailer. Until that line ends, no byte of a body can follow.
 * Therefore the beginning is copied to a buffer of its own size, and so is each read that does not end the line. The
 * read that ends the line may continue with a body, so this read is appended by reference.
 */

/**
 * Cumulator of a decoder of HTTP/1.1. An incomplete line needs memory in the order of its own length, however it
 * arrives, and no byte of a body is copied. Owns the incomplete line between two reads. Confined to the loop of its
 * connection.
 */
public final class LineCumulator implements ByteToMessageDecoder.Cumulator {

    private static final byte LINE_FEED = '\n';

    /** The beginning of a line that {@link #keep} has taken from a read buffer. Owned. */
    private @Nullable ByteBuf line;

    /** The line in the decoder's ownership, if it has been copied completely. For comparison only. */
    private @Nullable ByteBuf copiedLine;

    @Override
    public ByteBuf cumulate(ByteBufAllocator allocator, ByteBuf cumulation, ByteBuf read) {
        copiedLine = null;
        if (line == null) {
            return append(allocator, cumulation, read);
        }
        // The decoder has no bytes: it was left none.
        cumulation.release();
        ByteBuf longer = append(allocator, line, read);
        line = null;
        return longer;
    }

    /** If no memory can be allocated, the beginning stays with its owner. */
    private ByteBuf append(ByteBufAllocator allocator, ByteBuf beginning, ByteBuf read) {
        if (!beginning.isReadable()) {
            beginning.release();
            return read;
        } else if (!read.isReadable()) {
            read.release();
            return beginning;
        } else if (read.indexOf(read.readerIndex(), read.writerIndex(), LINE_FEED) >= 0) {
            return ByteToMessageDecoder.COMPOSITE_CUMULATOR.cumulate(allocator, beginning, read);
        }
        copiedLine = ByteToMessageDecoder.MERGE_CUMULATOR.cumulate(allocator, beginning, read);
        return copiedLine;
    }

    /**
     * Takes the beginning of a line out of a read buffer, so that the buffer can be released. Call when the decoder can
     * decode nothing of the remaining bytes.
     *
     * @param rest the bytes that the decoder has, which the caller keeps; all of them are read
     */
    public void keep(ByteBufAllocator allocator, ByteBuf rest) {
        // The composite of lines and bodies needs direct memory in all its parts, or bodies would be copied on writing.
        if (rest != copiedLine) {
            line = allocator.directBuffer(rest.readableBytes()).writeBytes(rest);
        }
    }

    /** Returns whether the beginning of a line is kept here, and not by the decoder. */
    public boolean isKeeping() {
        return line != null;
    }

    /** Passes the incomplete line on as bytes, because the decoder has been removed and another protocol follows. */
    public void passOn(ChannelHandlerContext removed) {
        if (line != null && removed.channel().isActive()) {
            removed.fireChannelRead(line);
            removed.fireChannelReadComplete();
            line = null;
        }
        release();
    }

    /** Releases the incomplete line, because no more bytes follow. */
    public void release() {
        if (line != null) {
            line.release();
            line = null;
        }
    }
}
