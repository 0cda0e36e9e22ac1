/** Digits behind the first fifteen that `divideWide` takes. */
export const REST_DIGITS_MAX = 4;

/** A mantissa of 50 bits in halves: times a power of ten of 14 bits each is exact. */
const HALF = 2 ** 25;
/** Cuts a double into two of 26 bits (Veltkamp). */
const SPLITTER = 2 ** 27 + 1;
/** Far more than the correction's own error, far less than what most numbers are away from a tie. */
const DOUBT = 2 ** -48;

/**
 * (mantissa · scale + rest) ÷ divisor, rounded as if once: 15 digits and up to 4 more over an exact
 * power of ten, which is how sums of floats are written. Twice the bits of a double by error-free
 * sums and products (Dekker); NaN where even those leave in doubt to which side a tie falls.
 * `mantissa` has 15 digits, `scale` is the power of ten that `rest` is below. Hot.
 */
export function divideWide(mantissa: number, rest: number, scale: number, divisor: number): number {
  const lower = mantissa % HALF;
  const large = (mantissa - lower) * scale;
  const small = lower * scale + rest;
  const high = large + small;
  const low = small - (high - large);
  const quotient = high / divisor;
  const correction = (remainder(high, quotient, divisor) + low) / divisor;
  const least = quotient + correction * (1 - DOUBT);
  const most = quotient + correction * (1 + DOUBT);
  return least === most ? least : Number.NaN;
}

/** dividend − quotient · divisor, exactly; the quotient is the nearest double. */
function remainder(dividend: number, quotient: number, divisor: number): number {
  const product = quotient * divisor;
  const cutQuotient = SPLITTER * quotient;
  const quotientHigh = cutQuotient - (cutQuotient - quotient);
  const quotientLow = quotient - quotientHigh;
  const cutDivisor = SPLITTER * divisor;
  const divisorHigh = cutDivisor - (cutDivisor - divisor);
  const divisorLow = divisor - divisorHigh;
  const error =
    quotientHigh * divisorHigh -
    product +
    quotientHigh * divisorLow +
    quotientLow * divisorHigh +
    quotientLow * divisorLow;
  return dividend - product - error;
}
