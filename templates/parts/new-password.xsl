<?xml version="1.0" encoding="UTF-8"?>
<!-- The two fields of a new password; $name is what their names begin with. -->
<xsl:stylesheet version="1.0" xmlns:xsl="http://www.w3.org/1999/XSL/Transform">
<xsl:template name="new-password">
<xsl:param name="name"/>
<xsl:param name="prefix"/>
<p class="field"><label for="{$prefix}-password">New password</label>
<input id="{$prefix}-password" name="{$name}[password]" type="password" autocomplete="new-password" required="required" minlength="12"><xsl:call-template name="described"><xsl:with-param name="field">password</xsl:with-param><xsl:with-param name="hint" select="concat($prefix, '-password-hint')"/><xsl:with-param name="prefix" select="$prefix"/></xsl:call-template></input>
<span class="hint" id="{$prefix}-password-hint">At least 12 characters; a sentence of several words is easy to keep in mind.</span></p>
<p class="field"><label for="{$prefix}-password-confirmation">New password, once more</label>
<input id="{$prefix}-password-confirmation" name="{$name}[password_confirmation]" type="password" autocomplete="new-password" required="required" minlength="12"><xsl:call-template name="described"><xsl:with-param name="field">password_confirmation</xsl:with-param><xsl:with-param name="hint" select="concat($prefix, '-password-hint')"/><xsl:with-param name="prefix" select="$prefix"/></xsl:call-template></input></p>
</xsl:template>
</xsl:stylesheet>
