export { formatExponentNumber, formatPlainNumber, formatSampleValue } from "../number-text.ts";
export { errorTypeOfStatus, type PrometheusErrorType, writeErrorAnswer } from "./error-answer.ts";
export { formatShortTimestamp, formatTimestamp } from "./numbers.ts";
export { type QueryResponse, readQueryResponse, readSampleValue } from "./read-response.ts";
export {
  type AnswerNotes,
  listAnswerPieces,
  queryAnswerPieces,
  writeDataAnswer,
  writeQueryAnswer,
} from "./write-answer.ts";
