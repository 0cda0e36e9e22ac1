import type { AnchorHTMLAttributes, ButtonHTMLAttributes } from "react";
import "./button.css";

/** One `main` button a view; `quiet` is text alone; the rest are outlined. */
export type ButtonLook = "outlined" | "main" | "quiet";

export interface ButtonProps extends ButtonHTMLAttributes<HTMLButtonElement> {
  readonly look?: ButtonLook;
}

export function Button({ look = "outlined", className, ...rest }: ButtonProps) {
  return <button type="button" {...rest} className={classes(look, className)} />;
}

export interface LinkButtonProps extends AnchorHTMLAttributes<HTMLAnchorElement> {
  readonly look?: ButtonLook;
  readonly href: string;
}

/** Goes somewhere: a link, and looks like a button. */
export function LinkButton({ look = "outlined", className, ...rest }: LinkButtonProps) {
  return <a {...rest} className={classes(look, className)} />;
}

function classes(look: ButtonLook, more: string | undefined): string {
  return `hms-button hms-button-${look}${more ? ` ${more}` : ""}`;
}
