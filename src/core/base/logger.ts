type LogLevel = 'debug' | 'info' | 'warn' | 'error';

/** Where the core says what it does; the faces decide where that goes. */
export interface Logger {
	log(level: LogLevel, message: string): void;
}

/** A logger that says nothing. */
export const silentLogger: Logger = { log: () => undefined };
