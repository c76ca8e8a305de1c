package io.crowfly.balancer;

import picocli.CommandLine.ParseResult;

/** Action of one command. {@link Main} finds the action as the user object of the spec of the command. */
public interface CommandAction {

    /** @return the exit code of the process */
    int execute(ParseResult result) throws Exception;
}
