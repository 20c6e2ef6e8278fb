/** A refusal or failure of the API, or of the way to it. */
export class ApiProblem extends Error {
  override readonly name = 'ApiProblem';

  constructor(
    /** The HTTP status; 0 when no answer came. */
    readonly status: number,
    /** The stable code of the problem; `network` when no answer came. */
    readonly code: string,
    readonly detail?: string,
    /** The field at fault. */
    readonly field?: string,
    readonly requestId?: string,
  ) {
    super(`${status} ${code}`);
  }

  /** Whether asking again may help. */
  get retryable(): boolean {
    return this.status === 0 || this.status >= 500;
  }
}

const text = (value: unknown): string | undefined => (typeof value === 'string' ? value : undefined);

export function problemOf(status: number, body: unknown): ApiProblem {
  const given = (typeof body === 'object' && body !== null ? body : {}) as Record<string, unknown>;
  return new ApiProblem(
    status,
    text(given.code) ?? 'unknown',
    text(given.detail),
    text(given.field),
    text(given.requestId),
  );
}

export function isProblem(error: unknown, code?: string): error is ApiProblem {
  return error instanceof ApiProblem && (code === undefined || error.code === code);
}
