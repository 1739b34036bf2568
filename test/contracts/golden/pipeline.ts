// Made of api.toml by moontrace/contracts: changes belong there.

/** How much a message matters. */
export const LogLevel = {
  Debug: 0,
  Info: 1,
  /** Somebody must look. */
  Error: 16,
} as const;
export type LogLevel = (typeof LogLevel)[keyof typeof LogLevel];

export const Access = {
  None: 0,
  Read: 1,
  Write: 2,
  All: 3,
} as const;
export type Access = number;

export interface Point {
  x: number;
  /** Upwards. */
  y: number;
}

/** A closed line. */
export interface Shape {
  name: string;
  points: Point[];
  access: Access;
}

/**
 * Makes data of data.
 * Contract `data.Transformer`, version 1.2.0.
 */
export interface DataTransformerContract {
  /**
   * Transforms one record.
   * @param input The record.
   * @returns The transformed one.
   */
  transform(input: string): string;
  centre(shape: Shape): Point;
}

/** Contract `pipeline.Validator`, version 1.0.0. */
export interface PipelineValidatorContract {
  validate(input: string): boolean;
}

/**
 * Logging.
 * Contract `host.logger`, version 1.1.0.
 */
export interface HostLoggerContract {
  log(message: string): void;
  log_with_level(level: LogLevel, message: string): void;
  total(small: number, large: bigint, bytes: Uint8Array): bigint;
}

/** What plugins implement, by name. */
export interface GuestContracts {
  'data.Transformer': DataTransformerContract;
  'pipeline.Validator': PipelineValidatorContract;
}

/** What the host implements, by name. */
export interface HostContracts {
  'host.logger': HostLoggerContract;
}
