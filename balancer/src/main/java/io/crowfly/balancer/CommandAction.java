package io.crowfly.balancer;

import picocli.CommandLine.ParseResult;

/**
 * Action of one command of the command line, for example {@code crowfly run}. {@link Main} finds the action as the user
 * object of the command's picocli spec.
 */
public interface CommandAction {

    /**
     * Executes the command.
     *
     * @return the exit code of the process
     */
    int execute(ParseResult result) throws Exception;
}
