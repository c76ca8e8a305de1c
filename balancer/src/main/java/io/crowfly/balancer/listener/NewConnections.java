package io.crowfly.balancer.listener;

import io.netty.channel.Channel;
import io.netty.channel.unix.Buffer;
import io.netty.channel.unix.IntegerUnixChannelOption;
import io.netty.channel.unix.RawUnixChannelOption;
import java.lang.ref.Reference;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/*
 * Several processes may listen on one address (SO_REUSEPORT). The kernel chooses one of their sockets for each SYN.
 * When a socket is closed, the connections that wait in its queue are reset, also those whose handshake is not
 * complete. So before the old process closes its sockets, no new connection must arrive there. A classic BPF program
 * chooses the socket by its number in the group of all sockets on the address, in the order in which they were bound
 * (socket(7), SO_ATTACH_REUSEPORT_CBPF; it needs no privilege). A process cannot take its sockets out of the group in
 * any other way. The sysctl net.ipv4.tcp_migrate_req does the same for a whole host, but is off by default.
 */

/** Selection, by the kernel, of the sockets that get the new connections among all sockets on one address. */
final class NewConnections {

    /** {@code SOL_SOCKET} of Linux. */
    private static final int SOL_SOCKET = 1;

    /** Size of {@code struct sock_fprog} on a 64-bit machine: the number of instructions, and their address. */
    private static final int PROGRAM_BYTES = 16;

    private static final int ADDRESS_OFFSET = 8;

    /** Size of {@code struct sock_filter}: one instruction. */
    private static final int INSTRUCTION_BYTES = 8;

    private static final int INSTRUCTIONS = 4;

    private static final RawUnixChannelOption ATTACH =
            new RawUnixChannelOption("SO_ATTACH_REUSEPORT_CBPF", SOL_SOCKET, 51, PROGRAM_BYTES);

    private static final IntegerUnixChannelOption DETACH =
            new IntegerUnixChannelOption("SO_DETACH_REUSEPORT_BPF", SOL_SOCKET, 68);

    /** {@code BPF_LD | BPF_W | BPF_ABS}: loads a word. */
    private static final short LOAD = 0x20;

    /** {@code SKF_AD_OFF + SKF_AD_RANDOM}: the word is a random number. */
    private static final int RANDOM = -0x1000 + 56;

    /** {@code BPF_ALU | BPF_MOD | BPF_K}. */
    private static final short MODULO = 0x94;

    /** {@code BPF_ALU | BPF_ADD | BPF_K}. */
    private static final short ADD = 0x04;

    /** {@code BPF_RET | BPF_A}: the result is the number of the socket. */
    private static final short RETURN = 0x16;

    private NewConnections() {}

    /**
     * Sends all new connections to some of the sockets on an address.
     *
     * @param socket any socket of the group
     * @param first number of the first socket that gets connections
     * @param count number of the sockets that get connections
     * @return whether the kernel does so; false with a transport that cannot set the option
     */
    static boolean sendTo(Channel socket, int first, int count) {
        ByteBuffer instructions = direct(INSTRUCTIONS * INSTRUCTION_BYTES);
        add(instructions, LOAD, RANDOM);
        add(instructions, MODULO, count);
        add(instructions, ADD, first);
        add(instructions, RETURN, 0);
        ByteBuffer program = direct(PROGRAM_BYTES);
        program.putShort(0, (short) INSTRUCTIONS);
        try {
            program.putLong(ADDRESS_OFFSET, Buffer.memoryAddress(instructions));
            return socket.config().setOption(ATTACH, program);
        } catch (RuntimeException | LinkageError e) {
            return false; // the kernel refuses the option, or the transport has no native code
        } finally {
            Reference.reachabilityFence(instructions);
        }
    }

    /** Lets the kernel distribute new connections over all sockets again. */
    static void sendToAll(Channel socket) {
        try {
            socket.config().setOption(DETACH, 0);
        } catch (RuntimeException e) {
            // The group has no program, because another process has removed it.
        }
    }

    private static void add(ByteBuffer instructions, short code, int operand) {
        instructions.putShort(code).putShort((short) 0).putInt(operand);
    }

    private static ByteBuffer direct(int bytes) {
        return ByteBuffer.allocateDirect(bytes).order(ByteOrder.nativeOrder());
    }
}
