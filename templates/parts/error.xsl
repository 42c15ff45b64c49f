<?xml version="1.0" encoding="UTF-8"?>
<!-- An error of the catalogue: inside a form, inside a section, as an entry. -->
<xsl:stylesheet version="1.0" xmlns:xsl="http://www.w3.org/1999/XSL/Transform">
<xsl:template match="error" mode="form">
<xsl:param name="prefix"/>
<!-- One level below the heading of what the form is in. -->
<xsl:param name="heading">h3</xsl:param>
<!-- Focused, so that it is in view however far down its form is. -->
<div class="panel alert" role="alert" id="{$prefix}-error" tabindex="-1" autofocus="autofocus">
<xsl:element name="{$heading}"><xsl:value-of select="@heading"/></xsl:element>
<p><xsl:value-of select="@detail"/></p>
<p id="{$prefix}-error-recovery"><xsl:value-of select="@remedy"/></p>
<p class="fine">Error type <a href="/errors/{@type}"><code id="{$prefix}-error-type"><xsl:value-of select="@type"/></code></a><xsl:apply-templates select="@policy" mode="error"><xsl:with-param name="prefix" select="$prefix"/></xsl:apply-templates></p>
</div>
</xsl:template>

<xsl:template match="@policy" mode="error">
<xsl:param name="prefix"/>
<xsl:text>, policy </xsl:text><code id="{$prefix}-error-policy"><xsl:value-of select="."/></code>
</xsl:template>

<xsl:template match="error" mode="section">
<div class="panel alert" role="alert">
<p><strong><xsl:value-of select="@heading"/></strong>. <xsl:value-of select="@detail"/></p>
<p><xsl:value-of select="@remedy"/></p>
<p class="fine">Error type <a href="/errors/{@type}"><code><xsl:value-of select="@type"/></code></a></p>
</div>
</xsl:template>

<!-- The attributes of an input that has a hint and may have an error. -->
<xsl:template name="described">
<xsl:param name="field"/>
<xsl:param name="hint"/>
<xsl:param name="prefix"/>
<xsl:choose>
<xsl:when test="error/@field = $field">
<xsl:attribute name="aria-invalid">true</xsl:attribute>
<xsl:attribute name="aria-describedby"><xsl:value-of select="concat($prefix, '-error ', $hint)"/></xsl:attribute>
</xsl:when>
<xsl:otherwise>
<xsl:attribute name="aria-describedby"><xsl:value-of select="$hint"/></xsl:attribute>
</xsl:otherwise>
</xsl:choose>
</xsl:template>
</xsl:stylesheet>
