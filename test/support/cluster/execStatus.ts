/** What channel 3 says of a command that ended well. */
export const success = JSON.stringify({ metadata: {}, status: 'Success' });

/** Of one that ended with another code than 0. Version 4 comes from the node itself, which has words of its own. */
export function nonZeroExit(protocol: string, argv: readonly string[], exitCode: number): string {
	const told = protocol.startsWith('v5')
		? `command terminated with exit code ${exitCode}`
		: `error executing command [${argv.join(' ')}], exit code ${exitCode}`;
	return JSON.stringify({
		metadata: {},
		status: 'Failure',
		message: `command terminated with non-zero exit code: ${told}`,
		reason: 'NonZeroExitCode',
		details: { causes: [{ reason: 'ExitCode', message: String(exitCode) }] },
	});
}

/** Of one that could not be run because its container does not. */
export function containerNotFound(container: string): string {
	return internalError(`unable to upgrade connection: container not found ("${container}")`);
}

/** Of one whose program the container does not have. */
export function commandNotFound(command: string, execId: string): string {
	const why = `exec: "${command}": executable file not found in $PATH: unknown`;
	const runtime = `OCI runtime exec failed: exec failed: unable to start container process: ${why}`;
	const start = `failed to exec in container: failed to start exec "${execId}": ${runtime}`;
	return internalError(`Internal error occurred: error executing command in container: ${start}`);
}

function internalError(why: string): string {
	return JSON.stringify({
		metadata: {},
		status: 'Failure',
		message: `Internal error occurred: ${why}`,
		reason: 'InternalError',
		details: { causes: [{ message: why }] },
		code: 500,
	});
}
